import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../src/domain/duration.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { type CutBatch, cutUnused, requireRecordedUses } from '../../../src/usecases/credential/unused.js';
import { deleteOwner, setOwnerStatus } from '../../../src/usecases/owner.js';
import { TestWorld } from '../../support/dependencies/dependencies.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import type { Engine, TestStore } from '../../support/stores/stores.js';
import { anOwner, failure } from '../fixtures.js';
import { added, existing, opened } from './opened.js';

const HOUR = parseDuration('1h');
const FROM = '192.0.2.7';

/** A process that works on the store, and another connection, through which a server records uses. */
async function worlds(engine: Engine) {
  const fresh: TestStore = await opened(engine);
  const server = await fresh.connect();
  const world = new TestWorld(fresh.store);
  const use = async (name: string): Promise<void> => {
    const { versions } = existing(await server.findCredential(name));
    await server.write((tx) => tx.recordUse(existing(versions[0]).id, world.clock.now(), FROM));
  };
  return { store: fresh.store, deps: world.process(), clock: world.clock, use };
}

export function guardContract(engine: Engine): void {
  describe('a guard of uses', () => {
    it('sees what another connection has recorded, and leaves everything as it is', async () => {
      const { store, deps, clock, use } = await worlds(engine);
      const owner = anOwner({ name: 'crm' });
      await store.write((tx) => tx.insertOwner(owner));
      await added(store, { name: 'bot', ownerId: owner.id });
      await use('bot');
      clock.advance('30m');
      const before = [await store.findCredential('bot'), await store.findOwner('crm')];
      const guard = { unlessUsedWithin: HOUR };
      for (const attempt of [
        () => setCredentialStatus(deps, 'bot', 'inactive', guard),
        () => deleteCredential(deps, 'bot', guard),
        () => setOwnerStatus(deps, 'crm', 'inactive', guard),
        () => deleteOwner(deps, 'crm', guard),
      ]) {
        await expect(attempt()).rejects.toEqual(
          failure('conflict', /^bot was last used \S+ from 192\.0\.2\.7: within 1h$/),
        );
      }
      expect([await store.findCredential('bot'), await store.findOwner('crm')]).toEqual(before);
      clock.advance('31m');
      await deleteOwner(deps, 'crm', guard);
      expect(await store.findCredential('bot')).toMatchObject({ status: 'inactive', owner: null });
    });

    it('names the latest five of an owner, and counts the others', async () => {
      const { store, deps, clock, use } = await worlds(engine);
      const owner = anOwner({ name: 'crm' });
      await store.write((tx) => tx.insertOwner(owner));
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
        await added(store, { name, ownerId: owner.id });
        if (name === 'g') continue;
        clock.advance('1s');
        await use(name);
      }
      await added(store, { name: 'off', ownerId: owner.id, status: 'inactive' });
      await use('off');
      const attempt = setOwnerStatus(deps, 'crm', 'inactive', { unlessUsedWithin: HOUR });
      await expect(attempt).rejects.toEqual(
        failure(
          'conflict',
          /^6 secrets that would stop were used within 1h: f \(.*\), e .*, b \([^)]*\) and 1 more$/,
        ),
      );
    });
  });

  describe('a selection of what is not used', () => {
    const selectionAt = (now: number, cut: 'deactivate' | 'delete') => ({ cut, unusedFor: HOUR, now });

    it('leaves alone what was used since it was made, batch by batch', async () => {
      const { store, deps, clock, use } = await worlds(engine);
      for (let index = 0; index < 60; index += 1) {
        await added(store, { name: `bot-${String(index).padStart(2, '0')}` });
      }
      clock.advance('2h');
      const batches: CutBatch[] = [];
      for await (const batch of cutUnused(deps, selectionAt(clock.now(), 'deactivate'))) {
        batches.push(batch);
        if (batches.length === 1) await use('bot-59');
      }
      expect(batches.map(({ done }) => done.length)).toEqual([50, 9]);
      expect((await store.findCredential('bot-59'))?.status).toBe('active');
    });

    it('is looked at again in the transaction of the change', async () => {
      const { store, deps, clock, use } = await worlds(engine);
      await added(store, { name: 'quiet' });
      await added(store, { name: 'woken' });
      clock.advance('2h');
      // What is recorded between the page and its transaction.
      const late = {
        ...deps,
        store: new Proxy(store, {
          get(target, property) {
            const value = Reflect.get(target, property);
            if (typeof value !== 'function') return value;
            if (property !== 'write') return value.bind(target);
            return async (work: never) => {
              await use('woken');
              return target.write(work);
            };
          },
        }),
      };
      for (const cut of ['deactivate', 'delete'] as const) {
        clock.advance('2h');
        const { value } = await cutUnused(late, selectionAt(clock.now(), cut)).next();
        const batch: CutBatch = existing(value);
        expect(batch.done.map(({ name }) => name)).toEqual(['quiet']);
        expect(batch.used).toMatchObject([{ name: 'woken', lastUsedAt: clock.now(), lastUsedFrom: FROM }]);
      }
      expect(await store.findCredential('woken')).toMatchObject({ status: 'active' });
      expect(await store.findCredential('quiet')).toBeNull();
    });

    it('is refused where nobody records uses', async () => {
      const { store, use } = await worlds(engine);
      await added(store, { name: 'bot' });
      const selection = selectionAt(START + 10, 'delete');
      await expect(requireRecordedUses(store, selection)).rejects.toEqual(
        failure('conflict', /^this store recorded no use of any credential within 1h/, /--force/),
      );
      await use('bot');
      await requireRecordedUses(store, selection);
      const later = selectionAt(START + HOUR.ms, 'delete');
      await expect(requireRecordedUses(store, later)).rejects.toEqual(failure('conflict'));
    });
  });
}
