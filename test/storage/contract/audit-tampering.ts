import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { GENESIS_HASH } from '../../../src/domain/audit-event.js';
import type { Engine, TestStore } from '../../support/stores/stores.js';
import { exported, someEvents } from './audit.js';
import { existing, opened } from './opened.js';

const COLUMNS: readonly (readonly [column: string, value: string | number | null])[] = [
  ['at', 1],
  ['actor', 'mallory@here'],
  ['action', 'credential.activate'],
  ['target_kind', 'owner'],
  ['target_id', 'another'],
  ['target_id', null],
  ['target_name', 'another'],
  ['target_name', null],
  ['target_key', 'another'],
  ['target_key', null],
  ['reason', 'none of your business'],
  ['text', '{}'],
  ['text', ''],
  ['hash', 'f'.repeat(64)],
  ['hash', ''],
];

/** Rewrites the texts and computes every hash anew: tampering with write access to the store. */
async function rewritten(fresh: TestStore, change: (text: string, seq: number) => string): Promise<void> {
  const rows = await fresh.ask<{ seq: number; text: string }>(
    'select seq, text from audit_event order by seq',
  );
  let previous = GENESIS_HASH;
  for (const row of rows) {
    const text = change(row.text, row.seq);
    previous = createHash('sha256')
      .update(previous + text)
      .digest('hex');
    await fresh.tamper('update audit_event set text = ?, hash = ? where seq = ?', text, previous, row.seq);
  }
  await fresh.tamper('update audit_head set hash = ?', previous);
}

export function auditTamperingContract(engine: Engine): void {
  describe('an audit trail that was altered', () => {
    const twelve = async () => {
      const fresh = await opened(engine);
      await someEvents(fresh.store);
      return fresh;
    };

    it.each([1, 7, 13])('is found at event %i, whichever field was edited', async (seq) => {
      for (const [column, value] of COLUMNS) {
        const fresh = await twelve();
        const [before] = await fresh.ask<{ value: unknown }>(
          `select ${column} as value from audit_event where seq = ?`,
          seq,
        );
        if (before?.value === value) continue;
        await fresh.tamper(`update audit_event set ${column} = ? where seq = ?`, value, seq);
        const verification = await fresh.store.verifyAudit(null);
        expect(verification, `${column} = ${value}`).toEqual({ valid: false, firstBad: seq });
      }
    });

    it('is whole without the name of its hash, as older programs wrote it', async () => {
      const fresh = await twelve();
      await rewritten(fresh, (text, seq) => (seq > 6 ? text : text.replace('"alg":"sha256",', '')));
      expect(await fresh.store.verifyAudit(null)).toMatchObject({ valid: true, events: 13 });
    });

    it('says so where an event names another hash', async () => {
      const fresh = await twelve();
      await rewritten(fresh, (text, seq) => (seq === 7 ? text.replace('"sha256"', '"md5"') : text));
      const verification = await fresh.store.verifyAudit(null);
      expect(verification).toEqual({ valid: false, firstBad: 7, unknownAlg: 'md5' });
    });

    it.each([1, 7, 13])('is found when event %i was deleted', async (seq) => {
      const fresh = await twelve();
      await fresh.tamper('delete from audit_event where seq = ?', seq);
      expect(await fresh.store.verifyAudit(null)).toEqual({ valid: false, firstBad: seq });
    });

    it('is found when an event was inserted', async () => {
      const fresh = await twelve();
      await fresh.tamper(
        `insert into audit_event select 14, at, actor, action, target_kind, target_id, target_name, target_key,
          reason, text, hash from audit_event where seq = 13`,
      );
      expect(await fresh.store.verifyAudit(null)).toEqual({ valid: false, firstBad: 14 });
    });

    it('is found when two events changed places', async () => {
      const fresh = await twelve();
      for (const [from, to] of [
        [5, 99],
        [6, 5],
        [99, 6],
      ] as const) {
        await fresh.tamper('update audit_event set seq = ? where seq = ?', to, from);
      }
      expect(await fresh.store.verifyAudit(null)).toEqual({ valid: false, firstBad: 5 });
    });

    it('is found when everything was deleted', async () => {
      const fresh = await twelve();
      await fresh.tamper('delete from audit_event');
      expect(await fresh.store.verifyAudit(null)).toMatchObject({ valid: false, firstBad: 1 });
    });

    it.each([
      ['the number', 'update audit_head set seq = seq + 1'],
      ['the hash', `update audit_head set hash = '${'f'.repeat(64)}'`],
      ['everything', 'delete from audit_head'],
    ])('is found when the head lost %s', async (_what, sql) => {
      const fresh = await twelve();
      await fresh.tamper(sql);
      expect(await fresh.store.verifyAudit(null)).toMatchObject({ valid: false });
    });

    it('is found by a head kept elsewhere when its end was cut off and the head corrected', async () => {
      const fresh = await twelve();
      const events = await exported(fresh.store);
      const [kept, head] = [existing(events[9]), existing(events.at(-1))];
      await fresh.tamper('delete from audit_event where seq > 10');
      await fresh.tamper('update audit_head set seq = 10, hash = ?', kept.hash);
      expect(await fresh.store.verifyAudit(null)).toMatchObject({ valid: true });
      expect(await fresh.store.verifyAudit(head.hash)).toEqual({ valid: false, firstBad: 11 });
    });

    it('is found by a head kept elsewhere when all of it was rewritten', async () => {
      const fresh = await twelve();
      const head = existing((await exported(fresh.store)).at(-1)).hash;
      await rewritten(fresh, (text) => text.replaceAll('tester@here', 'mallory@here'));
      await fresh.tamper("update audit_event set actor = 'mallory@here'");
      expect(await fresh.store.verifyAudit(null)).toMatchObject({ valid: true });
      expect(await fresh.store.verifyAudit(head)).toMatchObject({ valid: false });
    });

    it.each([
      ['is not canonical', (text: string) => ` ${text}`],
      ['is no JSON', () => 'hello'],
      ['is no object', () => 'null'],
      ['is no event', () => '{"target":{}}'],
      ['has no target', () => '{"target":null}'],
      ['has a target that is a text', () => '{"target":"x"}'],
      ['has a number that is none', (text: string) => text.replace('"seq":7', '"seq":"7"')],
      ['has a time that is none', (text: string) => text.replace(/"at":\d+/, '"at":0.5')],
      ['has a lone surrogate', (text: string) => text.replace('tester', '\\ud800')],
      ['has more than an event has', (text: string) => text.replace('{', '{"aa":1,')],
    ])('is found when the hashes fit, but a text %s', async (_what, change) => {
      const fresh = await twelve();
      await rewritten(fresh, (text, seq) => (seq === 7 ? change(text) : text));
      expect(await fresh.store.verifyAudit(null)).toEqual({ valid: false, firstBad: 7 });
    });

    it.each(['hello', 'null', '{}', '{"target":null}', '{"target":{}}'])(
      'can still be listed, with the text %s',
      async (text) => {
        const fresh = await twelve();
        await fresh.tamper('update audit_event set text = ? where seq = 7', text);
        const { items } = await fresh.store.listAudit({ limit: 100 });
        const shown = existing(items.find((_, index) => 13 - index === 7)).event;
        expect([shown.seq, shown.target.kind, shown.action]).toEqual([7, 'credential', 'credential.delete']);
      },
    );
  });
}
