import { describe, expect, it } from 'vitest';
import type { OwnerPatch } from '../../../src/domain/ports/store-port.js';
import { PRESETS } from '../../../src/domain/scope/presets.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import type { Engine } from '../../support/stores/stores.js';
import { anOwner } from '../fixtures.js';
import { added, existing, opened } from './opened.js';

export function ownerContract(engine: Engine): void {
  describe('owners', () => {
    it('come back as they were stored, with the number of their credentials', async () => {
      const { store } = await opened(engine);
      const [ci, crm] = [anOwner({ name: 'Team/CI' }), anOwner({ name: 'crm', kind: 'user' })];
      await store.write(async (tx) => {
        await tx.insertOwner(ci);
        await tx.insertOwner(crm);
      });
      for (let index = 0; index < 3; index += 1) await added(store, { ownerId: ci.id });
      for (const name of ['Team/CI', 'team/ci']) {
        expect(await store.findOwner(name)).toEqual({ ...ci, credentials: 3 });
      }
      expect(await store.listOwners()).toEqual([
        { ...crm, credentials: 0 },
        { ...ci, credentials: 3 },
      ]);
      expect(await store.findOwner(ci.id.toUpperCase())).toMatchObject({ name: ci.name });
    });

    it('are found by the start of their names, in order', async () => {
      const { store } = await opened(engine);
      const owners = ['b', 'Team/CI', 'team/a', 'team', 'tea_', 'Ärzte'].map((name) => anOwner({ name }));
      await store.write(async (tx) => {
        for (const owner of owners) await tx.insertOwner(owner);
      });
      const byName = async (start: string, limit = 9) =>
        (await store.ownersByName(start, limit)).map(({ name }) => name);
      expect(await byName('TEAM')).toEqual(['team', 'team/a', 'Team/CI']);
      expect(await byName('TEAM', 2)).toEqual(['team', 'team/a']);
      expect(await byName('tea_'), 'no character is special').toEqual(['tea_']);
      expect(await byName('är')).toEqual(['Ärzte']);
      expect(await byName('x')).toEqual([]);
      expect(await byName('')).toHaveLength(owners.length);
      expect((await store.ownersByName('b', 1))[0]).toEqual({ id: owners[0]?.id, name: 'b' });
    });

    it('have a name of their own, whatever its case', async () => {
      const { store } = await opened(engine);
      await store.write((tx) => tx.insertOwner(anOwner({ name: 'ci' })));
      await expect(store.write((tx) => tx.insertOwner(anOwner({ name: 'CI' })))).rejects.toThrow();
      expect(await store.listOwners()).toHaveLength(1);
    });

    it.each<readonly [string, OwnerPatch]>([
      ['name', { name: 'New' }],
      ['status', { status: 'inactive' }],
      ['time', { updatedAt: START + 5 }],
    ])('are patched in their %s alone, which their credentials show', async (_what, patch) => {
      const { store } = await opened(engine);
      const owner = anOwner();
      await store.write((tx) => tx.insertOwner(owner));
      const { id } = await added(store, { ownerId: owner.id });
      await store.write((tx) => tx.updateOwner(owner.id, patch));
      const after = { ...owner, ...patch };
      expect(await store.findOwner(after.name)).toEqual({ ...after, credentials: 1 });
      expect((await store.findCredential(id))?.owner).toEqual({
        id: owner.id,
        name: after.name,
        kind: owner.kind,
        status: after.status,
      });
    });

    it('leave their credentials behind when deleted: listed, inactive, without owner', async () => {
      const { store } = await opened(engine);
      const [gone, stays] = [anOwner(), anOwner()];
      await store.write(async (tx) => {
        await tx.insertOwner(gone);
        await tx.insertOwner(stays);
      });
      const one = await added(store, { name: 'one', ownerId: gone.id });
      const two = await added(store, { name: 'two', ownerId: gone.id, status: 'inactive' });
      const other = await added(store, { ownerId: stays.id });
      const stopped = await store.write((tx) => tx.deleteOwner(gone.id, START + 7));
      expect([...stopped].sort()).toEqual([one.id, two.id].sort());
      expect(await store.findOwner(gone.name)).toBeNull();
      for (const id of [one.id, two.id]) {
        expect(await store.findCredential(id)).toMatchObject({
          status: 'inactive',
          owner: null,
          updatedAt: START + 7,
          revision: 2,
        });
      }
      expect(await store.findCredential(other.id)).toEqual(other);
    });
  });

  describe('settings and catalog', () => {
    it('are what the store was made with', async () => {
      const catalog = existing(PRESETS.get('mparticle'));
      const { store } = await opened(engine, {
        prefix: 'acme',
        hashPolicy: { scheme: 'bcrypt', cost: 7 },
        catalog,
      });
      expect(await store.settings()).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        prefix: 'acme',
        hashPolicy: { scheme: 'bcrypt', cost: 7 },
        earlierPolicies: [],
        createdAt: store.clock === null ? START : expect.any(Number),
      });
      expect(await store.catalog()).toEqual(catalog);
    });

    it('change when they are told to', async () => {
      const { store } = await opened(engine);
      const catalog = existing(PRESETS.get('mparticle'));
      const before = await store.settings();
      await store.write(async (tx) => {
        await tx.updateHashPolicy({ scheme: 'bcrypt', cost: 12 });
        await tx.replaceCatalog(catalog, START);
      });
      expect(await store.settings()).toEqual({
        ...before,
        hashPolicy: { scheme: 'bcrypt', cost: 12 },
        earlierPolicies: [{ scheme: 'sha256' }],
      });
      expect(await store.catalog()).toEqual(catalog);
      await store.write((tx) => tx.updateHashPolicy({ scheme: 'sha256' }));
      expect(await store.settings()).toEqual({
        ...before,
        earlierPolicies: [{ scheme: 'bcrypt', cost: 12 }],
      });
    });

    it('know every scope that is held, for the check of a new catalog', async () => {
      const { store } = await opened(engine);
      await added(store, { name: 'Beta', scopes: ['data:*'] });
      await added(store, {
        name: 'alpha',
        type: 'oauth2',
        clientId: 'cctl_id_0123456789ABCDEF',
        status: 'inactive',
        scopes: ['data:users', 'events:messages'],
      });
      expect(await store.heldScopes()).toEqual([
        { name: 'alpha', type: 'oauth2', scopes: ['data:users', 'events:messages'] },
        { name: 'Beta', type: 'api-key', scopes: ['data:*'] },
      ]);
    });
  });
}
