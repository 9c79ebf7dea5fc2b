import { describe, expect, it } from 'vitest';
import type { AuditAction } from '../../../src/domain/audit-event.js';
import type { Credential } from '../../../src/domain/credential/credential.js';
import type { Version } from '../../../src/domain/credential/version.js';
import type { Store, VersionPatch } from '../../../src/domain/ports/store-port.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import type { Engine } from '../../support/stores/stores.js';
import { anEntry, aVersion, newId, newVersionId, UNDELIVERED } from '../fixtures.js';
import { added, everything, existing, hashOf, opened } from './opened.js';

export function versionContract(engine: Engine): void {
  describe('versions', () => {
    it.each<readonly [string, Partial<Version>]>([
      ['on its way', { ...UNDELIVERED, lapsesAt: START + 1 }],
      ['current', {}],
      ['retiring', { retiresAt: START + 2 }],
      ['stamped as retired', { retiresAt: START, ended: { at: START, as: 'retired' } }],
      ['stamped as lapsed', { ...UNDELIVERED, lapsesAt: START, ended: { at: START, as: 'lapsed' } }],
      ['revoked', { revokedAt: START + 3 }],
      ['to revoke the older ones', { supersede: { kind: 'revoke' } }],
      ['for several destinations', { destinations: ['stdout', 'keychain', 'file', 'command'] }],
      ['to end the older ones without grace', { supersede: { kind: 'grace', ms: 0 } }],
    ])('come back as they were stored: %s', async (_what, change) => {
      const { store } = await opened(engine);
      const { id } = await added(store, {}, []);
      const version = aVersion({ credentialId: id, ...change });
      await store.write((tx) => tx.insertVersion({ version, hash: hashOf(version.id) }));
      expect((await store.findCredential(id))?.versions).toEqual([version]);
    });

    it.each<readonly [string, VersionPatch]>([
      ['delivered', { deliveredAt: START + 4 }],
      ['not delivered', { deliveredAt: null }],
      ['to lapse', { lapsesAt: START + 4 }],
      ['not to lapse', { lapsesAt: null }],
      ['to retire', { retiresAt: START + 4 }],
      ['not to retire', { retiresAt: null }],
      ['revoked', { revokedAt: START + 4 }],
      ['not revoked', { revokedAt: null }],
      ['ended', { ended: { at: START + 4, as: 'lapsed' } }],
      ['not ended', { ended: null }],
      ['on its way', { delivery: existing(UNDELIVERED.delivery) }],
      ['no longer on its way', { delivery: null }],
    ])('are patched to be %s, and nothing else', async (_what, patch) => {
      const { store } = await opened(engine);
      const full: Partial<Version> = {
        lapsesAt: START + 1,
        retiresAt: START + 2,
        revokedAt: START + 3,
        ended: { at: START, as: 'retired' },
        delivery: { process: { host: 'a', boot: 'b', pid: 1, started: 'c' }, deliverBy: START },
      };
      const { id, versions } = await added(store, {}, [full, {}]);
      const [bystander, version] = [existing(versions[0]), existing(versions[1])];
      await store.write((tx) => tx.updateVersion(version.id, patch));
      expect((await store.findCredential(id))?.versions).toEqual([bystander, { ...version, ...patch }]);
    });

    it('are the ten newest, newest first, and every one that may still authenticate', async () => {
      const { store } = await opened(engine);
      const ended = { ended: { at: START, as: 'retired' } } as const;
      const changes = Array.from({ length: 15 }, (_, index): Partial<Version> => {
        if (index === 0) return {};
        if (index === 2) return { retiresAt: START + 5 };
        return index === 3 ? { revokedAt: START } : ended;
      });
      const { id, name } = await added(store, {}, changes);
      const expected = [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 3, 1];
      const numbers = (versions: readonly Version[]) => versions.map((version) => version.number);
      expect(numbers(existing(await store.findCredential(id)).versions)).toEqual(expected);
      const { items } = await store.listCredentials({ now: START, sort: 'name', limit: 9, search: name });
      expect(numbers(existing(items[0]).versions)).toEqual(expected);
    });

    it('have a number of their own within the credential, and an id of their own', async () => {
      const fresh = await opened(engine);
      const { id, versions } = await added(fresh.store);
      const other = await added(fresh.store, {}, []);
      const before = await everything(fresh);
      const twice: readonly Partial<Version>[] = [
        { credentialId: id, number: 1 },
        { credentialId: other.id, id: existing(versions[0]).id },
        { credentialId: newId() },
      ];
      for (const change of twice) {
        const version = aVersion(change);
        const insert = fresh.store.write((tx) => tx.insertVersion({ version, hash: hashOf(version.id) }));
        await expect(insert).rejects.toThrow();
      }
      expect(await everything(fresh)).toEqual(before);
    });

    it('are presented by their id, with the hash and the whole credential', async () => {
      const { store } = await opened(engine);
      const credential = await added(store, {}, [{ retiresAt: START + 1 }, {}]);
      for (const version of credential.versions) {
        expect(await store.findPresentedVersion(version.id)).toEqual({
          credential,
          version,
          hash: hashOf(version.id),
        });
      }
      expect(await store.findPresentedVersion('nobodynobody')).toBeNull();
    });
  });

  describe('versions of a name that were discarded', () => {
    /** Removes the credential, and says so in the audit trail. */
    const remove = (store: Store, { id, name }: Credential, action: AuditAction) =>
      store.write(async (tx) => {
        await tx.deleteCredential(id, START);
        await tx.appendAudit(anEntry({ action, target: { kind: 'credential', id, name } }), START);
      });

    it('are known by the name, whatever its case, and only as long as they were discarded', async () => {
      const { store } = await opened(engine);
      const discarded = await added(store, { name: 'CI-Bot' }, [{}, {}]);
      await remove(store, discarded, 'credential.discard');
      const again = await added(store, { name: 'ci-bot' });
      await remove(store, again, 'credential.discard');
      const deleted = await added(store, { name: 'ci-bot' });
      await remove(store, deleted, 'credential.delete');
      await added(store, { name: 'ci-bot' });
      const ids = [...discarded.versions, ...again.versions].map((version) => version.id);
      expect([...(await store.discardedVersionIds('ci-BOT'))].sort()).toEqual(ids.sort());
      expect(await store.discardedVersionIds('crm')).toEqual([]);
    });
  });

  describe('uses', () => {
    it('are recorded for the version and the credential: the first and the last', async () => {
      const { store } = await opened(engine);
      const { id, versions } = await added(store, {}, [{ retiresAt: START + 99 }, {}]);
      const [second, first] = versions.map((version) => version.id);
      const use = (version: string | undefined, now: number) =>
        store.write((tx) => tx.recordUse(existing(version), now, null));
      await use(first, START + 1);
      await use(first, START + 5);
      await use(second, START + 3);
      const { lastUsedAt, versions: after } = existing(await store.findCredential(id));
      expect(lastUsedAt).toBe(START + 5);
      expect(after.map(({ firstUsedAt, lastUsedAt }) => [firstUsedAt, lastUsedAt])).toEqual([
        [START + 3, START + 3],
        [START + 1, START + 5],
      ]);
    });

    it('never go backwards, even when the clock does', async () => {
      const { store } = await opened(engine);
      const { id, versions } = await added(store);
      for (const now of [START + 9, START + 2]) {
        await store.write((tx) => tx.recordUse(existing(versions[0]).id, now, null));
      }
      const after = existing(await store.findCredential(id));
      expect([after.lastUsedAt, after.versions[0]?.firstUsedAt, after.versions[0]?.lastUsedAt]).toEqual([
        START + 9,
        START + 9,
        START + 9,
      ]);
    });
  });

  describe('access tokens', () => {
    it('are found by their id, with version and credential', async () => {
      const { store } = await opened(engine);
      const credential = await added(store, { type: 'oauth2', clientId: 'cctl_id_0123456789ABCDEF' });
      const version = existing(credential.versions[0]);
      const token = {
        id: newVersionId(),
        credentialId: credential.id,
        versionId: version.id,
        digest: 'ab'.repeat(32),
        scopes: ['data:users', 'events:messages'],
        issuedAt: START,
        expiresAt: START + 60_000,
      };
      await store.write((tx) => tx.insertToken(token));
      expect(await store.findPresentedToken(token.id)).toEqual({ credential, version, token });
      expect(await store.findPresentedToken('nobodynobody')).toBeNull();
      await expect(store.write((tx) => tx.insertToken(token))).rejects.toThrow();
    });
  });

  describe('versions that time has ended', () => {
    it.each<readonly [string, Partial<Version>, boolean]>([
      ['lapses now', { ...UNDELIVERED, lapsesAt: START }, true],
      ['lapses later', { ...UNDELIVERED, lapsesAt: START + 1 }, false],
      ['would have lapsed, but was used', { ...UNDELIVERED, lapsesAt: START }, true],
      ['retires now', { retiresAt: START }, true],
      ['retires later', { retiresAt: START + 1 }, false],
      ['is stamped already', { retiresAt: START, ended: { at: START, as: 'retired' } }, false],
      ['was revoked', { retiresAt: START, lapsesAt: START, revokedAt: START }, false],
      ['is current', {}, false],
      ['both lapses and retires, and is named once', { ...UNDELIVERED, lapsesAt: 1, retiresAt: 2 }, true],
    ])('are overdue for a stamp: one that %s', async (_what, change, isOverdue) => {
      const { store } = await opened(engine);
      const { id, name, clientId, versions } = await added(store, {}, [change]);
      const overdue = await store.write((tx) => tx.overdueVersions(START));
      const expected = { version: versions[0], credential: { id, name, clientId } };
      expect(overdue).toEqual(isOverdue ? [expected] : []);
    });

    it('gives nobody the number of a credential of which uses are left', async () => {
      const fresh = await opened(engine);
      await fresh.tamper('insert into last_use values (41, 1, 1, 1, null)');
      const { lastUsedAt, versions } = await added(fresh.store);
      expect((await fresh.ask('select key from credential'))[0]).toEqual({ key: 42 });
      expect([lastUsedAt, versions[0]?.firstUsedAt]).toEqual([null, null]);
    });
  });
}
