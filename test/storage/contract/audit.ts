import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type AuditAction, auditEventText, GENESIS_HASH } from '../../../src/domain/audit-event.js';
import type { AuditQuery, RecordedEvent, Store } from '../../../src/domain/ports/store-port.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import type { Engine } from '../../support/stores/stores.js';
import { anEntry } from '../fixtures.js';
import { existing, opened } from './opened.js';

/** Twelve events: names, ids, actions and times in turn. */
export async function someEvents(store: Store, size = 12): Promise<void> {
  const actions: readonly AuditAction[] = ['credential.create', 'credential.edit', 'credential.delete'];
  await store.write(async (tx) => {
    for (let index = 0; index < size; index += 1) {
      const even = index % 2 === 0;
      const target = {
        kind: 'credential',
        id: even ? 'id-even' : 'id-odd',
        name: even ? 'CI-Bot' : 'crm',
      } as const;
      const action = existing(actions[index % actions.length]);
      const reason = even ? 'ticket "42"\t– Ü 🙂' : null;
      const details = { z: index, a: { list: [1, 'x', null, true] } };
      await tx.appendAudit(anEntry({ action, target, reason, details }), START + index);
    }
  });
}

export async function exported(store: Store): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const batch of store.exportAudit()) events.push(...batch);
  return events;
}

export function auditContract(engine: Engine): void {
  describe('the audit trail', () => {
    it('begins with the making of the store', async () => {
      const { store } = await opened(engine);
      const { id } = await store.settings();
      expect((await exported(store)).map(({ event }) => event)).toEqual([
        {
          seq: 1,
          at: store.clock === null ? START : expect.any(Number),
          actor: 'tester@here',
          action: 'store.init',
          target: { kind: 'store', id, name: null },
          reason: null,
          details: {
            ...{ prefix: 'cctl', hash: 'sha256', bcrypt_cost: null, catalog: 'moveworks' },
            catalog_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          },
          alg: 'sha256',
          ...(engine.name === 'sqlite' ? {} : { login: expect.any(String) }),
        },
      ]);
    });

    it('numbers the events and chains them: each hash covers the one before and the canonical text', async () => {
      const { store } = await opened(engine);
      await someEvents(store);
      let previous = GENESIS_HASH;
      const events = await exported(store);
      expect(events.map(({ event }) => event.seq)).toEqual(events.map((_, index) => index + 1));
      for (const { event, hash } of events) {
        previous = createHash('sha256')
          .update(previous + auditEventText(event))
          .digest('hex');
        expect(hash).toBe(previous);
      }
    });

    it('keeps the exact text that was hashed', async () => {
      const fresh = await opened(engine);
      await someEvents(fresh.store);
      const rows = await fresh.ask<{ text: string }>('select text from audit_event order by seq');
      expect(rows.map((row) => row.text)).toEqual(
        (await exported(fresh.store)).map(({ event }) => auditEventText(event)),
      );
    });

    it.each<readonly [string, Omit<AuditQuery, 'limit'>, readonly number[]]>([
      ['everything, newest first', {}, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]],
      ['by the name of the target, whatever its case', { target: 'ci-BOT' }, [12, 10, 8, 6, 4, 2]],
      ['by the id of the target', { target: 'id-odd' }, [13, 11, 9, 7, 5, 3]],
      ['by the id of the target, whatever its case', { target: 'ID-ODD' }, [13, 11, 9, 7, 5, 3]],
      ['by a target that never was', { target: 'nobody' }, []],
      ['by action', { action: 'credential.edit' }, [12, 9, 6, 3]],
      ['since a time, itself included', { since: START + 9 }, [13, 12, 11]],
      ['before a number', { before: 3 }, [2, 1]],
      ['by all of them', { target: 'crm', action: 'credential.edit', since: START + 1, before: 9 }, [3]],
    ])('lists %s', async (_what, query, expected) => {
      const { store } = await opened(engine);
      await someEvents(store);
      const { items, nextCursor } = await store.listAudit({ ...query, limit: 100 });
      expect(items.map(({ event }) => event.seq)).toEqual(expected);
      expect(nextCursor).toBeNull();
    });

    it('lists a page at a time; the cursor is the number of the last event shown', async () => {
      const { store } = await opened(engine);
      await someEvents(store);
      const seen: number[] = [];
      let before: number | null = null;
      for (;;) {
        const page = await store.listAudit({
          target: 'crm',
          limit: 4,
          ...(before === null ? {} : { before }),
        });
        seen.push(...page.items.map(({ event }) => event.seq));
        if (page.nextCursor === null) break;
        before = Number(page.nextCursor);
        await someEvents(store, 2);
      }
      expect(seen).toEqual([13, 11, 9, 7, 5, 3]);
    });

    it('exports every event, oldest first, also when there are thousands', async () => {
      const { store } = await opened(engine);
      await someEvents(store, 2_000);
      const events = await exported(store);
      expect(events.map(({ event }) => event.seq)).toEqual(
        Array.from({ length: 2_001 }, (_, index) => index + 1),
      );
      expect(await store.verifyAudit(null)).toMatchObject({ valid: true, events: 2_001 });
    });

    it('refuses an event that has no canonical form, and the change with it', async () => {
      const { store } = await opened(engine);
      for (const [reason, at] of [
        ['\ud800', START],
        ['fine', START + 0.5],
      ] as const) {
        await expect(store.write((tx) => tx.appendAudit(anEntry({ reason }), at))).rejects.toThrow();
      }
      expect(await store.verifyAudit(null)).toMatchObject({ valid: true, events: 1 });
    });
  });

  describe('verifying the audit trail', () => {
    it('answers with the number of events and the head', async () => {
      const { store } = await opened(engine);
      await someEvents(store);
      const head = existing((await exported(store)).at(-1)).hash;
      expect(await store.verifyAudit(null)).toEqual({ valid: true, events: 13, head });
    });

    it('accepts every head that was noted on the way', async () => {
      const { store } = await opened(engine);
      await someEvents(store);
      const heads = [GENESIS_HASH, ...(await exported(store)).map(({ hash }) => hash)];
      for (const head of heads) expect(await store.verifyAudit(head)).toMatchObject({ valid: true });
    });

    it('says no to a head that is not part of the chain', async () => {
      const { store } = await opened(engine);
      await someEvents(store);
      expect(await store.verifyAudit('f'.repeat(64))).toMatchObject({ valid: false });
    });
  });
}
