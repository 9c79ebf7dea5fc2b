import { describe, expect, it } from 'vitest';
import type { NewCredential } from '../../../src/domain/store-port.js';
import type { Version } from '../../../src/domain/version.js';
import { START } from '../../support/fixed-clock.js';
import type { Engine, SqlValue } from '../../support/stores.js';
import { UNDELIVERED } from '../fixtures.js';
import { added, existing, opened } from './opened.js';

type Damage = readonly [sql: string, ...parameters: SqlValue[]];

const BOT: Partial<NewCredential> = {
  name: 'ci-bot',
  scopes: ['data:users', 'events:messages'],
  labels: new Map([['env', 'prod']]),
};

/** What somebody did to the store, by hand, and the check that finds it. */
const DAMAGES: readonly (readonly [string, string, (id: string) => Damage])[] = [
  ['a version without its hash', 'hashes', () => ['delete from version_hash']],
  ['a version of no credential', 'references', () => ['update version set credential_id = ?', 'nobody']],
  ['an owner that does not exist', 'references', () => ['update credential set owner_id = ?', 'nobody']],
  ['a scope lost', 'scopes', () => ["delete from credential_scope where scope = 'data:users'"]],
  [
    'a scope that was never granted',
    'scopes',
    (id) => ['insert into credential_scope (credential_id, scope) values (?, ?)', id, 'data:*'],
  ],
  [
    'a scope exchanged for another',
    'scopes',
    () => ["update credential_scope set scope = 'data:*' where scope = 'data:users'"],
  ],
  ['scopes that cannot be read', 'scopes', () => ["update credential set scopes = 'data:users'"]],
  ['a label exchanged for another', 'labels', () => ["update credential_label set value = 'dev'"]],
  ['labels that cannot be read', 'labels', () => ["update credential set labels = 'env=prod'"]],
  ['a hash of an unknown kind', 'hashes', () => ["update version_hash set hash = 'md5'"]],
  ['a delivery record that cannot be read', 'content', () => ["update version set delivery = '{'"]],
  ['a catalog that cannot be read', 'content', () => ["update catalog set document = '{'"]],
  ['the loss of the settings', 'content', () => ['delete from store']],
  ['the loss of what counts changes', 'generation', () => ['delete from generation']],
  ['the loss of the audit head', 'audit', () => ['delete from audit_head']],
  ['an event altered', 'audit', () => ["update audit_event set actor = 'mallory'"]],
  [
    'a deleted credential that is back',
    'tombstones',
    (id) => ["insert into tombstone (credential_id, version_ids, deleted_at) values (?, '[]', 1)", id],
  ],
];

export function checkContract(engine: Engine): void {
  describe('checking the store', () => {
    it('finds nothing in a sound one', async () => {
      const { store } = await opened(engine);
      expect(await store.check(START)).toEqual([]);
      await added(store, BOT, [{ retiresAt: START }, { revokedAt: START }, {}]);
      const gone = await added(store);
      await store.write((tx) => tx.deleteCredential(gone.id, START));
      expect(await store.check(START)).toEqual([]);
    });

    it.each(DAMAGES)('finds %s', async (_what, check, damage) => {
      const fresh = await opened(engine);
      const { id } = await added(fresh.store, BOT);
      await fresh.tamper(...damage(id));
      const found = await fresh.store.check(START);
      expect(found.map((finding) => finding.check)).toContain(check);
      const finding = existing(found.find((each) => each.check === check));
      expect(finding.severity).toBe('error');
      expect(finding.message).not.toBe('');
      expect(finding.fix).not.toBe('');
    });

    it.each<readonly [string, Partial<Version>, boolean]>([
      ['a delivery that was cut off', UNDELIVERED, true],
      ['a delivery that lapses later', { ...UNDELIVERED, lapsesAt: START + 1 }, true],
      [
        'a delivery that was cut off, although its secret is in use',
        { ...UNDELIVERED, lapsesAt: START, firstUsedAt: START - 1 },
        true,
      ],
      ['a version that has lapsed', { ...UNDELIVERED, lapsesAt: START }, false],
      ['a delivery that was taken back', { ...UNDELIVERED, revokedAt: START }, false],
    ])('warns of what somebody should look at: %s', async (_what, change, isWarned) => {
      const { store } = await opened(engine);
      const { versions } = await added(store, BOT, [change]);
      if (change.firstUsedAt) {
        const version = existing(versions[0]);
        await store.write((tx) => tx.recordUse(version.id, START - 1));
      }
      const found = await store.check(START);
      expect(found.map(({ check, severity }) => [check, severity])).toEqual(
        isWarned ? [['deliveries', 'warning']] : [],
      );
      if (isWarned) expect(found[0]?.fix).toContain('credctl rotate ci-bot --resume');
    });

    it('changes nothing by looking', async () => {
      const fresh = await opened(engine);
      await added(fresh.store, BOT, [UNDELIVERED]);
      const before = await fresh.ask('select * from version');
      await fresh.store.check(START + 10_000_000);
      expect(await fresh.ask('select * from version')).toEqual(before);
    });
  });
}
