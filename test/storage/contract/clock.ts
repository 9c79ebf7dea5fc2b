import { describe, expect, it } from 'vitest';
import type { AuditEntry, Store } from '../../../src/domain/ports/store-port.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import type { Dependencies } from '../../../src/usecases/dependencies.js';
import { createOwner } from '../../../src/usecases/owner.js';
import { rotate } from '../../../src/usecases/rotation/rotate.js';
import { CheapHasher } from '../../support/dependencies/cheap-hasher.js';
import { ProcessTable } from '../../support/dependencies/dependencies.js';
import { ScriptedDestination } from '../../support/dependencies/destinations.js';
import { FixedClock } from '../../support/dependencies/fixed-clock.js';
import { FixedRandom } from '../../support/dependencies/fixed-random.js';
import type { Engine } from '../../support/stores/stores.js';
import { aNewCredential, anEntry } from '../fixtures.js';
import { added, existing, opened } from './opened.js';

const DAY = 86_400_000;
const FAR = 43 * 365 * DAY;

/** All that a change needs, with the clock that rules the store. */
function changing(store: Store): { deps: Dependencies; told: string[] } {
  const told: string[] = [];
  const processes = new ProcessTable();
  return {
    told,
    deps: {
      store,
      clock: store.clock ?? new FixedClock(),
      random: new FixedRandom('clock'),
      hasher: new CheapHasher(),
      processes: processes.seenBy(processes.start()),
      author: { actor: 'tester@here', reason: null },
      onClockDoubt: ({ direction }) => void told.push(direction),
    },
  };
}

/** An event so many milliseconds from now by the clock that rules the store. */
async function eventAfter(store: Store, ms: number, details = {}): Promise<number> {
  const at = changing(store).deps.clock.now() + ms;
  await store.write((tx) => tx.appendAudit(anEntry({ details }), at));
  return at;
}

function rotated(deps: Dependencies): Promise<unknown> {
  return rotate(deps, {
    reference: 'ci-bot',
    supersede: { kind: 'grace', ms: DAY },
    ifOlderThan: null,
    destinations: [new ScriptedDestination()],
  });
}

export function clockContract(engine: Engine): void {
  describe('the clock that rules the store', () => {
    it.each([
      ['a clock that was ahead has left', FAR],
      ['a clock that was behind has left', -FAR],
    ])('is compared with the newest event, which %s', async (_what, ms) => {
      const { store } = await opened(engine);
      await added(store, { name: 'ci-bot' });
      const { deps, told } = changing(store);
      await createOwner(deps, { name: 'first', kind: 'service' });
      expect(told).toEqual([]);
      await store.write((tx) => tx.appendAudit(anEntry(), deps.clock.now() + ms));
      await expect(rotated(deps)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(
          store.clock === null ? "this machine's clock" : "the database's clock",
        ),
      });
      await setCredentialStatus(deps, 'ci-bot', 'inactive');
      expect(told).toEqual([ms > 0 ? 'behind' : 'ahead']);
      const [newest] = (await store.listAudit({ limit: 1 })).items;
      expect(Object.keys(existing(newest).event.details)).toEqual(['clock']);
      await createOwner(deps, { name: 'svc', kind: 'service' });
      expect(told).toHaveLength(1);
    });

    it('gives every event of a transaction the details that are added to it', async () => {
      const { store } = await opened(engine);
      await store.write(async (tx) => {
        tx.addToEvents({ clock: 1 });
        await tx.appendAudit(anEntry({ details: { own: true } }), Date.now());
        await tx.appendAudit(anEntry({ details: {} }), Date.now());
      });
      await store.write((tx) => tx.appendAudit(anEntry({ details: {} }), Date.now()));
      const { items } = await store.listAudit({ limit: 3 });
      expect(items.map(({ event }) => event.details)).toEqual([{}, { clock: 1 }, { clock: 1, own: true }]);
      expect(await store.verifyAudit(null)).toMatchObject({ valid: true });
    });
  });

  describe('checking the store for what wrong clocks have left', () => {
    const clockFindings = async (store: Store) => {
      const found = await store.check(changing(store).deps.clock.now());
      return found.filter(({ check }) => check === 'clock').map(({ message, fix }) => `${message} | ${fix}`);
    };

    it('finds nothing where there is nothing, nor what two machines disagree about', async () => {
      const { store } = await opened(engine);
      await eventAfter(store, 4 * 60_000);
      await eventAfter(store, 0);
      expect(await clockFindings(store)).toEqual([]);
    });

    it('finds events of the future, and events that are older than those before', async () => {
      const { store } = await opened(engine);
      await eventAfter(store, FAR);
      await eventAfter(store, FAR + 1);
      await eventAfter(store, 0);
      await eventAfter(store, -FAR);
      await eventAfter(store, 0);
      expect(await clockFindings(store)).toEqual([
        expect.stringMatching(
          /^2 events are in the future, the first is event 2 \(2.*credctl audit list --since 2/,
        ),
        expect.stringMatching(/^event 5 is older than those before \(/),
      ]);
    });

    it('finds the ends that were counted from one and still hold: expiry, grace, next rotation', async () => {
      const { store } = await opened(engine);
      const now = changing(store).deps.clock.now();
      const future = now + FAR;
      const credential = aNewCredential({
        name: 'ci-bot',
        expiresAt: future + 90 * DAY,
        rotateEvery: { text: '30d', ms: 30 * DAY },
        rotationDueAt: future + 30 * DAY,
      });
      const { id } = await added(store, credential, [
        { createdAt: now, retiresAt: future + DAY },
        { createdAt: future, deliveredAt: future },
      ]);
      const record = (
        action: 'credential.rotate' | 'credential.rotate.deliver' | 'credential.edit',
        details: AuditEntry['details'],
      ) =>
        store.write((tx) =>
          tx.appendAudit(
            anEntry({ action, target: { kind: 'credential', id, name: 'ci-bot' }, details }),
            future,
          ),
        );
      await record('credential.rotate', { version: 2 });
      await record('credential.rotate.deliver', { version: 2 });
      await record('credential.edit', { expires_at: { from: null, to: future + 90 * DAY } });
      const found = (await clockFindings(store)).slice(1);
      expect(found).toEqual([
        expect.stringMatching(
          /^the next rotation of ci-bot is due at .* event 2 computed this time.*\| credctl rotate ci-bot$/,
        ),
        expect.stringMatching(
          /^version 1 of ci-bot works until .* event 3 computed this time.*credctl rotate ci-bot --finish$/,
        ),
        expect.stringMatching(
          /^ci-bot expires at .* event 4 computed this time.*credctl edit ci-bot --expires-at TIME/,
        ),
      ]);
      await store.write(async (tx) => {
        await tx.updateCredential(id, { expiresAt: null, rotationDueAt: null });
        await tx.updateVersion(existing((await tx.findCredential(id))?.versions[1]).id, { revokedAt: now });
      });
      expect((await clockFindings(store)).slice(1)).toEqual([]);
    });

    it('finds a grace that a clock that was behind has cut short, until the next rotation', async () => {
      const { store } = await opened(engine);
      const now = changing(store).deps.clock.now();
      const past = now - FAR;
      const { id } = await added(store, { name: 'ci-bot' }, [
        { createdAt: now, retiresAt: past + DAY },
        { createdAt: past, deliveredAt: past },
      ]);
      await store.write((tx) =>
        tx.appendAudit(
          anEntry({
            action: 'credential.rotate.deliver',
            target: { kind: 'credential', id, name: 'ci-bot' },
            details: { version: 2 },
          }),
          past,
        ),
      );
      expect((await clockFindings(store)).slice(1)).toEqual([
        expect.stringMatching(
          /^version 1 of ci-bot ended at .* a clock that was behind \| .*secret of version 2$/,
        ),
      ]);
    });

    it('finds access tokens that such a clock has issued', async () => {
      const { store } = await opened(engine);
      const future = changing(store).deps.clock.now() + FAR;
      const { id, versions } = await added(store, { name: 'crm', type: 'oauth2' });
      await store.write((tx) =>
        tx.insertToken({
          id: 'aaaaaaaaaaaa',
          credentialId: id,
          versionId: existing(versions[0]).id,
          digest: 'd',
          scopes: ['data:users'],
          issuedAt: future,
          expiresAt: future + 3_600_000,
        }),
      );
      expect(await clockFindings(store)).toEqual([
        expect.stringMatching(/^access tokens of crm were issued .* \| credctl rotate crm --now/),
      ]);
    });
  });
}
