import { describe, expect, it } from 'vitest';
import type { StoreTransaction } from '../../../src/domain/ports/store-port.js';
import { PRESETS } from '../../../src/domain/scope/presets.js';
import { SCHEMA_NUMBER } from '../../../src/storage/schema/number.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import type { Engine } from '../../support/stores/stores.js';
import { aNewCredential, anEntry, anOwner, aVersion, newVersionId } from '../fixtures.js';
import { added, existing, generation, hashOf, opened } from './opened.js';

interface Ids {
  readonly credential: string;
  readonly version: string;
  readonly owner: string;
}

/** Every change, and whether it could alter the verdict on a secret that is held. */
const CHANGES: readonly (readonly [string, boolean, (tx: StoreTransaction, ids: Ids) => Promise<unknown>])[] =
  [
    ['a new credential', true, (tx) => tx.insertCredential(aNewCredential())],
    ['an edit', true, (tx, ids) => tx.updateCredential(ids.credential, { scopes: ['data:*'] })],
    ['a deactivation', true, (tx, ids) => tx.updateCredential(ids.credential, { status: 'inactive' })],
    ['a deletion', true, (tx, ids) => tx.deleteCredential(ids.credential, START)],
    [
      'a new version',
      true,
      (tx, ids) => {
        const version = aVersion({ credentialId: ids.credential, number: 2 });
        return tx.insertVersion({ version, hash: hashOf(version.id) });
      },
    ],
    ['a revocation', true, (tx, ids) => tx.updateVersion(ids.version, { revokedAt: START })],
    ['an owner switched off', true, (tx, ids) => tx.updateOwner(ids.owner, { status: 'inactive' })],
    ['an owner deleted', true, (tx, ids) => tx.deleteOwner(ids.owner, START)],
    ['a new catalog', true, (tx) => tx.replaceCatalog(existing(PRESETS.get('empty')), START)],
    ['a use', false, (tx, ids) => tx.recordUse(ids.version, START, null)],
    [
      'a token',
      false,
      (tx, ids) =>
        tx.insertToken({
          id: newVersionId(),
          credentialId: ids.credential,
          versionId: ids.version,
          digest: 'd',
          scopes: [],
          issuedAt: START,
          expiresAt: START,
        }),
    ],
    ['an event of the audit trail', false, (tx) => tx.appendAudit(anEntry(), START)],
    ['only looking', false, (tx) => tx.listOwners()],
  ];

export function writingContract(engine: Engine): void {
  describe('the generation', () => {
    it.each(CHANGES)('counts, or does not count, %s (%s)', async (_what, counts, change) => {
      const fresh = await opened(engine);
      const owner = anOwner();
      await fresh.store.write((tx) => tx.insertOwner(owner));
      const { id, versions } = await added(fresh.store, { ownerId: owner.id });
      const before = await generation(fresh);
      const ids = { credential: id, version: existing(versions[0]).id, owner: owner.id };
      await fresh.store.write((tx) => change(tx, ids));
      const after = await generation(fresh);
      expect(counts ? after > before : after === before).toBe(true);
    });
  });

  describe('writes of one process', () => {
    it('take their turns, so that none of them overwrites another', async () => {
      const { store } = await opened(engine);
      const { id } = await added(store);
      let inside = 0;
      const edits = Array.from({ length: 20 }, () =>
        store.write(async (tx) => {
          inside += 1;
          expect(inside).toBe(1);
          const { revision } = existing(await tx.findCredential(id));
          await new Promise((resolve) => setTimeout(resolve, 1));
          await tx.updateCredential(id, { revision: revision + 1 });
          inside -= 1;
        }),
      );
      await Promise.all(edits);
      expect((await store.findCredential(id))?.revision).toBe(21);
    });

    it('go on after one that failed', async () => {
      const { store } = await opened(engine);
      const results = await Promise.allSettled(
        Array.from({ length: 9 }, (_, index) =>
          store.write(async (tx) => {
            await tx.appendAudit(anEntry(), START);
            if (index % 3 === 0) throw new RangeError('no');
            return index;
          }),
        ),
      );
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(6);
      expect(await store.verifyAudit(null)).toMatchObject({ valid: true, events: 7 });
    });

    it('answer with what their work answers', async () => {
      const { store } = await opened(engine);
      expect(await store.write(async () => 42)).toBe(42);
    });
  });

  describe('the store as a whole', () => {
    it('knows its figures', async () => {
      const { store } = await opened(engine);
      const empty = await store.statistics();
      expect(empty).toMatchObject({ engine: engine.name, schema: SCHEMA_NUMBER, credentials: 0, owners: 0 });
      expect(empty.location).not.toBe('');
      expect(empty.sizeBytes).toBeGreaterThan(0);
      await store.write((tx) => tx.insertOwner(anOwner()));
      await added(store);
      await added(store, { status: 'inactive' });
      expect(await store.statistics()).toMatchObject({ credentials: 2, owners: 1 });
    });

    it('becomes another store by its id, and knows no copies of itself', async () => {
      const { store } = await opened(engine);
      expect(await store.placing()).toEqual({ kind: 'same' });
      await store.write((tx) => tx.replaceStoreId('another'));
      expect((await store.settings()).id).toBe('another');
      expect(await store.placing()).toEqual({ kind: 'same' });
    });

    it('can be scrubbed of what was deleted, and keeps the rest', async () => {
      const { store } = await opened(engine);
      const gone = await added(store);
      const stays = await added(store);
      await store.write((tx) => tx.deleteCredential(gone.id, START));
      expect(await store.scrub()).toBe('done');
      expect(await store.findCredential(stays.id)).toEqual(stays);
      expect(await store.findCredential(gone.id)).toBeNull();
    });

    it('goes on writing after it was scrubbed', async () => {
      const { store } = await opened(engine);
      await store.scrub();
      const { id } = await added(store);
      expect(await store.findCredential(id)).not.toBeNull();
    });
  });
}
