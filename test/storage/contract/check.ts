import { describe, expect, it } from 'vitest';
import type { Version } from '../../../src/domain/credential/version.js';
import type { NewCredential } from '../../../src/domain/ports/store-port.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import type { Engine, SqlValue } from '../../support/stores/stores.js';
import { aVersion, UNDELIVERED } from '../fixtures.js';
import { deleted, issued } from './issued.js';
import { added, existing, opened } from './opened.js';

type Damage = readonly [sql: string, ...parameters: SqlValue[]];

export const BOT: Partial<NewCredential> = {
  name: 'ci-bot',
  scopes: ['data:users', 'events:messages'],
  labels: new Map([['env', 'prod']]),
};

/** A change of the store past the program, and the check that finds it. */
const DAMAGES: readonly (readonly [string, string, (id: string) => Damage])[] = [
  ['a version without its hash', 'hashes', () => ['delete from version_hash']],
  ['a version of no credential', 'references', () => ['update version set credential_key = ?', 999]],
  ['an owner that does not exist', 'references', () => ['update credential set owner_id = ?', 'nobody']],
  ['a scope lost', 'scopes', () => ["delete from credential_scope where scope = 'data:users'"]],
  [
    'a scope that was never granted',
    'scopes',
    (id) => [
      'insert into credential_scope (scope, credential_key) select ?, key from credential where id = ?',
      'data:*',
      id,
    ],
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
  [
    'a leak that cannot be read',
    'content',
    () => [
      "insert into leak values (1, 'cctl_key_000000000000', 'key', null, null, 'scan', '{', 1, 1, 1, null)",
    ],
  ],
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

/** Stores a credential with its versions, and the events that account for them. */
export function checkContract(engine: Engine): void {
  describe('checking the store', () => {
    it('finds nothing in a sound one', async () => {
      const { store } = await opened(engine);
      expect(await store.check(START)).toEqual([]);
      await issued(store, BOT, [{ retiresAt: START }, { revokedAt: START }, {}]);
      const gone = await issued(store);
      await deleted(store, gone);
      expect(await store.check(START)).toEqual([]);
    });

    it.each(DAMAGES)('finds %s', async (_what, check, damage) => {
      const fresh = await opened(engine);
      const { id } = await issued(fresh.store, BOT);
      await fresh.tamper(...damage(id));
      const found = await fresh.store.check(START);
      expect(found.map((finding) => finding.check)).toContain(check);
      const finding = existing(found.find((each) => each.check === check));
      expect(finding.severity).toBe('error');
      expect(finding.message).not.toBe('');
      expect(finding.fix).not.toBe('');
    });

    it('quotes names in what it says to run, as one that was written into the store may be a command', async () => {
      const fresh = await opened(engine);
      await issued(fresh.store, BOT);
      await fresh.tamper('delete from version_hash');
      await fresh.tamper('update credential set name = ?', "a'; $(touch it)");
      const fixes = (await fresh.store.check(START)).map(({ fix }) => fix);
      expect(fixes).toContain("credctl rotate 'a'\\''; $(touch it)'");
    });

    it.each<readonly [string, Partial<Version>, boolean]>([
      ['a delivery that was cut off', UNDELIVERED, true],
      ['a delivery that lapses later', { ...UNDELIVERED, lapsesAt: START + 1 }, true],
      [
        'a delivery that was cut off, although its secret is in use',
        { ...UNDELIVERED, lapsesAt: START, firstUsedAt: START - 1 },
        true,
      ],
      ['a delivery that was taken back', { ...UNDELIVERED, revokedAt: START }, false],
    ])('warns of what somebody should look at: %s', async (_what, change, isWarned) => {
      const { store } = await opened(engine);
      const { versions } = await issued(store, BOT, [change]);
      if (change.firstUsedAt) {
        const version = existing(versions[0]);
        await store.write((tx) => tx.recordUse(version.id, START - 1, null));
      }
      const found = await store.check(START);
      expect(found.map(({ check, severity }) => [check, severity])).toEqual(
        isWarned ? [['deliveries', 'warning']] : [],
      );
      if (isWarned) expect(found[0]?.fix).toContain('credctl rotate ci-bot --resume');
    });

    it('notes a version that has lapsed while nothing came after it', async () => {
      const { store } = await opened(engine);
      await issued(store, BOT, [{ ...UNDELIVERED, lapsesAt: START }, {}]);
      expect(await store.check(START)).toEqual([]);
      await issued(store, { name: 'late' }, [{}, { ...UNDELIVERED, lapsesAt: START }]);
      const found = await store.check(START);
      expect(found.map(({ check, severity }) => [check, severity])).toEqual([['deliveries', 'note']]);
      expect(found[0]?.message).toContain('version 2 of late');
    });

    it.each<readonly [string, Partial<Version>, string]>([
      ['says when it stops by itself', { ...UNDELIVERED, lapsesAt: START + 1 }, 'stops at 2'],
      ['says where it may have arrived', { ...UNDELIVERED, destinations: ['keychain'] }, 'to: keychain'],
    ])('%s', async (_what, change, message) => {
      const { store } = await opened(engine);
      await issued(store, BOT, [change]);
      expect((await store.check(START))[0]?.message).toContain(message);
    });

    it('finds a version that no event accounts for, by its credential, its number and its id', async () => {
      const { store } = await opened(engine);
      await issued(store, BOT);
      const other = await issued(store, { name: 'other' });
      await store.write((tx) =>
        tx.insertVersion({
          version: aVersion({ credentialId: other.id, number: 2 }),
          hash: `$sha256$${'0'.repeat(64)}`,
        }),
      );
      const found = await store.check(START);
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ check: 'accounts', severity: 'error' });
      expect(found[0]?.message).toContain('version 2 of other was never issued');
      expect(found[0]?.fix).toContain('credctl rotate other --now');
    });

    it('finds a credential that was planted as a whole', async () => {
      const { store } = await opened(engine);
      await added(store, { name: 'planted' });
      expect((await store.check(START)).map(({ message }) => message)).toEqual([
        'version 1 of planted was never issued: no audit event mentions it',
      ]);
    });

    it('finds what was issued and never deleted, but is missing', async () => {
      const fresh = await opened(engine);
      await issued(fresh.store, BOT, [{}, {}]);
      await fresh.tamper(
        'delete from version_hash where version_id in (select id from version where number = 2)',
      );
      await fresh.tamper('delete from version where number = 2');
      const found = await fresh.store.check(START);
      expect(found.map(({ message }) => message)).toEqual([
        'version 2 of ci-bot was issued and never deleted, but is missing',
      ]);
    });

    it('finds a credential without any version, and one that no list by use would show', async () => {
      const fresh = await opened(engine);
      const { id } = await issued(fresh.store, BOT);
      await fresh.tamper('delete from last_use');
      await fresh.tamper('delete from version_hash');
      await fresh.tamper(
        'delete from version where credential_key = (select key from credential where id = ?)',
        id,
      );
      const found = await fresh.store.check(START);
      expect(found.filter(({ check }) => check === 'orphans').map(({ message }) => message)).toEqual([
        'ci-bot has no secrets at all',
        'ci-bot has lost the record of its uses',
      ]);
    });

    it('finds a hash, a use and a scope that were left behind, which count for nobody who comes after', async () => {
      const fresh = await opened(engine);
      const gone = await issued(fresh.store, BOT);
      const { id } = existing(gone.versions[0]);
      const [kept] = await fresh.ask<{ hash: string; key: number }>(
        'select hash, credential_key as key from version_hash where version_id = ?',
        id,
      );
      const { hash, key } = existing(kept);
      await deleted(fresh.store, gone);
      await fresh.tamper('insert into version_hash values (?, ?, 1, ?)', id, key, hash);
      await fresh.tamper("insert into credential_scope values ('data:*', ?)", key + 1);
      // In a database, a deletion keeps its number while transactions are under way that began before it.
      if ((await fresh.store.statistics()).engine === 'postgres') await fresh.tamper('delete from leftover');
      await issued(fresh.store, { name: 'next' });
      expect((await fresh.ask('select key from credential'))[0]).toEqual({ key });
      await fresh.tamper('insert into last_use values (?, 7, 1, 1, null)', key);

      expect(await fresh.store.findPresentedVersion(id)).toBeNull();
      expect(await fresh.store.findComparable(id)).toBeNull();
      const found = await fresh.store.check(START);
      expect(found.map(({ check }) => check)).toEqual(['orphans']);
      await fresh.tamper('delete from credential_scope where credential_key = ?', key + 1);
      const messages = (await fresh.store.check(START)).map(({ message }) => message);
      expect(messages).toEqual([
        'a hash belongs to no version (1 in all)',
        'a record of uses belongs to no version (1 in all)',
      ]);
    });

    it('changes nothing by looking', async () => {
      const fresh = await opened(engine);
      await issued(fresh.store, BOT, [UNDELIVERED]);
      const before = await fresh.ask('select * from version');
      await fresh.store.check(START + 10_000_000);
      expect(await fresh.ask('select * from version')).toEqual(before);
    });
  });
}
