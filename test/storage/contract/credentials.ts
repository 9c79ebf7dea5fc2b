import { describe, expect, it } from 'vitest';
import type { CredentialPatch } from '../../../src/domain/ports/store-port.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import type { Engine } from '../../support/stores/stores.js';
import { aNewCredential, anEntry, anOwner, aVersion, newId, newVersionId } from '../fixtures.js';
import { added, count, everything, existing, hashOf, opened } from './opened.js';

export function credentialContract(engine: Engine): void {
  describe('credentials', () => {
    it('come back as they were stored, with everything that they have', async () => {
      const { store } = await opened(engine);
      const owner = anOwner({ kind: 'user' });
      const complete = aNewCredential({
        name: 'Team/CI-Bot',
        type: 'oauth2',
        status: 'inactive',
        clientId: 'cctl_id_0123456789ABCDEF',
        scopes: ['data:*', 'events:messages'],
        ownerId: owner.id,
        description: 'two\nlines, "quotes", Ünïcode 🙂',
        labels: new Map([
          ['env', 'prod'],
          ['constructor', ''],
        ]),
        expiresAt: START + 5,
        rotateEvery: { text: '90d', ms: 7_776_000_000 },
        rotationDueAt: START + 7,
        revision: 3,
      });
      await store.write(async (tx) => {
        await tx.insertOwner(owner);
        await tx.insertCredential(complete);
      });
      const { ownerId: _, ...rest } = complete;
      expect(await store.findCredential(complete.id)).toEqual({
        ...rest,
        owner: { id: owner.id, name: owner.name, kind: 'user', status: 'active' },
        lastUsedAt: null,
        lastUsedFrom: null,
        versions: [],
      });
    });

    it('are found by name and id in any case, and by client id as it is', async () => {
      const { store } = await opened(engine);
      const clientId = 'cctl_id_0123456789ABCDEF';
      const { id } = await added(store, { name: 'Team/CI-Bot', type: 'oauth2', clientId });
      for (const reference of ['Team/CI-Bot', 'team/ci-bot', 'TEAM/CI-BOT', id, id.toUpperCase(), clientId]) {
        expect(await store.findCredential(reference), reference).toMatchObject({ id, name: 'Team/CI-Bot' });
      }
      for (const stranger of ['ci-bot', 'team', newId(), clientId.toLowerCase(), '%', '']) {
        expect(await store.findCredential(stranger), stranger).toBeNull();
      }
    });

    it('have a name, an id and a client id of their own', async () => {
      const fresh = await opened(engine);
      const clientId = 'cctl_id_0123456789ABCDEF';
      const { id } = await added(fresh.store, { name: 'ci-bot', type: 'oauth2', clientId });
      const before = await everything(fresh);
      for (const change of [{ name: 'CI-Bot' }, { id }, { clientId }]) {
        await expect(added(fresh.store, change), JSON.stringify(change)).rejects.toThrow();
      }
      expect(await everything(fresh)).toEqual(before);
    });

    it('cannot take the name of another one, in any case', async () => {
      const { store } = await opened(engine);
      await added(store, { name: 'one' });
      const two = await added(store, { name: 'two' });
      await expect(store.write((tx) => tx.updateCredential(two.id, { name: 'ONE' }))).rejects.toThrow();
      expect((await store.findCredential('two'))?.id).toBe(two.id);
    });

    it('cannot belong to an owner that does not exist', async () => {
      const { store } = await opened(engine);
      await expect(added(store, { ownerId: newId() })).rejects.toThrow();
    });
  });

  describe('a patch of a credential', () => {
    it.each<readonly [string, CredentialPatch, object]>([
      ['name', { name: 'New/Name' }, { name: 'New/Name' }],
      ['status', { status: 'inactive' }, { status: 'inactive' }],
      ['scopes', { scopes: ['data:*'] }, { scopes: ['data:*'] }],
      ['description', { description: 'new' }, { description: 'new' }],
      ['no description', { description: null }, { description: null }],
      ['labels', { labels: new Map([['a', 'b']]) }, { labels: new Map([['a', 'b']]) }],
      ['no labels', { labels: new Map() }, { labels: new Map() }],
      ['expiry', { expiresAt: START + 9 }, { expiresAt: START + 9 }],
      ['no expiry', { expiresAt: null }, { expiresAt: null }],
      [
        'policy',
        { rotateEvery: { text: '1w', ms: 604_800_000 } },
        { rotateEvery: { text: '1w', ms: 604_800_000 } },
      ],
      ['no policy', { rotateEvery: null }, { rotateEvery: null }],
      ['due time', { rotationDueAt: START + 8 }, { rotationDueAt: START + 8 }],
      ['no due time', { rotationDueAt: null }, { rotationDueAt: null }],
      ['no owner', { ownerId: null }, { owner: null }],
      ['time and revision', { updatedAt: START + 1, revision: 2 }, { updatedAt: START + 1, revision: 2 }],
      ['nothing', {}, {}],
    ])('changes the %s, and nothing else', async (_what, patch, expected) => {
      const { store } = await opened(engine);
      const owner = anOwner();
      await store.write((tx) => tx.insertOwner(owner));
      const bystander = await added(store);
      const before = await added(store, {
        ownerId: owner.id,
        description: 'old',
        labels: new Map([['env', 'prod']]),
        expiresAt: START + 5,
        rotateEvery: { text: '90d', ms: 7_776_000_000 },
        rotationDueAt: START + 7,
      });
      await store.write((tx) => tx.updateCredential(before.id, patch));
      expect(await store.findCredential(before.id)).toEqual({ ...before, ...expected });
      expect(await store.findCredential(bystander.id)).toEqual(bystander);
    });

    it('gives it another owner', async () => {
      const { store } = await opened(engine);
      const [one, two] = [anOwner({ name: 'one' }), anOwner({ name: 'two' })];
      await store.write(async (tx) => {
        await tx.insertOwner(one);
        await tx.insertOwner(two);
      });
      const { id } = await added(store, { ownerId: one.id });
      await store.write((tx) => tx.updateCredential(id, { ownerId: two.id }));
      expect((await store.findCredential(id))?.owner?.name).toBe('two');
    });

    it('of the name frees the old one and answers to the new one', async () => {
      const { store } = await opened(engine);
      const { id } = await added(store, { name: 'old' });
      await store.write((tx) => tx.updateCredential(id, { name: 'New' }));
      expect(await store.findCredential('old')).toBeNull();
      expect((await store.findCredential('new'))?.id).toBe(id);
    });

    it('of scopes and labels is what look-ups find from then on', async () => {
      const { store } = await opened(engine);
      const { id } = await added(store, { scopes: ['data:users'], labels: new Map([['env', 'dev']]) });
      await store.write((tx) =>
        tx.updateCredential(id, { scopes: ['data:*'], labels: new Map([['env', 'prod']]) }),
      );
      const base = { now: START, sort: 'name', limit: 10 } as const;
      const found = async (filter: object) =>
        (await store.listCredentials({ ...base, ...filter })).items.map((credential) => credential.id);
      expect(await found({ scope: 'data:users' })).toEqual([]);
      expect(await found({ scope: 'data:*' })).toEqual([id]);
      expect(await found({ label: { key: 'env', value: 'dev' } })).toEqual([]);
      expect(await found({ label: { key: 'env', value: 'prod' } })).toEqual([id]);
    });
  });

  describe('deleting a credential', () => {
    it('wipes its hashes, uses and tokens, and leaves a tombstone of the ids', async () => {
      const fresh = await opened(engine);
      const clientId = 'cctl_id_0123456789ABCDEF';
      const gone = await added(fresh.store, { type: 'oauth2', clientId, labels: new Map([['a', 'b']]) }, [
        { retiresAt: START + 5 },
        {},
      ]);
      const stays = await added(fresh.store);
      const token = newVersionId();
      await fresh.store.write(async (tx) => {
        for (const credential of [gone, stays]) {
          const { id } = existing(credential.versions[0]);
          await tx.recordUse(id, START, null);
          await tx.insertToken({
            id: credential === gone ? token : newVersionId(),
            credentialId: credential.id,
            versionId: id,
            digest: 'd'.repeat(64),
            scopes: ['data:users'],
            issuedAt: START,
            expiresAt: START + 60_000,
          });
        }
      });
      const [found] = await fresh.ask<{ key: number }>('select key from credential where id = ?', gone.id);
      const { key } = existing(found);
      await fresh.store.write((tx) => tx.deleteCredential(gone.id, START + 9));

      expect(await fresh.store.findCredential(gone.id)).toBeNull();
      expect(await fresh.store.findPresentedToken(token)).toBeNull();
      for (const { id } of gone.versions) {
        expect(await fresh.store.findPresentedVersion(id)).toBeNull();
        expect(await count(fresh, 'version_hash', 'version_id', id)).toBe(0);
      }
      const owned = ['version', 'version_hash', 'credential_scope', 'credential_label', 'last_use'];
      for (const table of owned) expect(await count(fresh, table, 'credential_key', key), table).toBe(0);
      expect(await count(fresh, 'access_token', 'credential_id', gone.id)).toBe(0);
      expect(await fresh.ask('select * from tombstone')).toEqual([
        {
          credential_id: gone.id,
          client_id: clientId,
          version_ids: JSON.stringify(gone.versions.map((version) => version.id).toReversed()),
          deleted_at: START + 9,
        },
      ]);
      expect((await fresh.store.findCredential(stays.id))?.lastUsedAt).toBe(START);
    });

    it('frees its name for another credential', async () => {
      const { store } = await opened(engine);
      const { id } = await added(store, { name: 'ci-bot' });
      await store.write((tx) => tx.deleteCredential(id, START));
      expect((await added(store, { name: 'CI-bot' })).id).not.toBe(id);
    });
  });

  describe('a transaction', () => {
    it('leaves nothing behind when it throws, whatever it did before', async () => {
      const fresh = await opened(engine);
      const { id, versions } = await added(fresh.store, { name: 'stays' });
      const before = await everything(fresh);
      const attempt = fresh.store.write(async (tx) => {
        const credential = aNewCredential({ labels: new Map([['a', 'b']]) });
        await tx.insertCredential(credential);
        const version = aVersion({ credentialId: credential.id });
        await tx.insertVersion({ version, hash: hashOf(version.id) });
        await tx.updateCredential(id, { name: 'renamed', scopes: ['data:*'] });
        await tx.recordUse(existing(versions[0]).id, START, null);
        await tx.insertOwner(anOwner());
        await tx.updateHashPolicy({ scheme: 'bcrypt', cost: 4 });
        await tx.appendAudit(anEntry(), START);
        await tx.deleteCredential(id, START);
        throw new RangeError('changed its mind');
      });
      await expect(attempt).rejects.toThrow(RangeError);
      expect(await everything(fresh)).toEqual(before);
    });

    it('sees its own changes, and everybody sees them afterwards', async () => {
      const fresh = await opened(engine);
      const other = await fresh.connect();
      const credential = aNewCredential({ name: 'ci-bot' });
      const seen = await fresh.store.write(async (tx) => {
        await tx.insertCredential(credential);
        return [await tx.findCredential('ci-bot'), await other.findCredential('ci-bot')];
      });
      expect(seen).toEqual([expect.objectContaining({ id: credential.id }), null]);
      expect((await other.findCredential('ci-bot'))?.id).toBe(credential.id);
    });
  });
}
