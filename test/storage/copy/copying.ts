import { expect } from 'vitest';
import type { CopyDraft, CopyTarget } from '../../../src/domain/ports/copy-port.js';
import type { Store } from '../../../src/domain/ports/store-port.js';
import { silentWatch } from '../../../src/system/copy-progress.js';
import { systemProcesses } from '../../../src/system/processes.js';
import { type Copied, type CopyDependencies, copyStore } from '../../../src/usecases/store/copy-store.js';
import { FixedClock, START } from '../../support/dependencies/fixed-clock.js';
import { FixedRandom } from '../../support/dependencies/fixed-random.js';
import type { PostgresTestStore } from '../../support/postgres/stores.js';
import { type CopyPlace, sourceOf } from '../../support/stores/copy-ends.js';
import type { Engine, SqliteTestStore } from '../../support/stores/stores.js';
import { added, everything, existing, opened } from '../contract/opened.js';
import { populate } from '../contract/population.js';

export type AnyStore = SqliteTestStore | PostgresTestStore;

/** So few that every table takes several. */
const BATCH = 7;

function dependencies(): CopyDependencies {
  return {
    clock: new FixedClock(),
    random: new FixedRandom('copy'),
    processes: systemProcesses(),
    author: { actor: 'tester@here', reason: 'moving house' },
    watch: silentWatch(),
  };
}

/** A store with something in every table. */
export async function filled(engine: Engine<AnyStore>): Promise<AnyStore> {
  const fresh = await opened(engine);
  const { store } = fresh;
  const { credentials } = await populate(store, 30);
  const gone = await added(store, { name: 'gone', type: 'oauth2', clientId: 'cctl_id_0123456789ABCDEF' });
  const holder = existing(credentials.find(({ type }) => type === 'oauth2'));
  await store.write(async (tx) => {
    await tx.deleteCredential(gone.id, START);
    await tx.insertToken({
      id: 'token0000001',
      credentialId: holder.id,
      versionId: existing(holder.versions[0]).id,
      digest: 'd'.repeat(64),
      scopes: ['data:users'],
      issuedAt: START,
      expiresAt: START + 3_600_000,
    });
    const leaked = existing(holder.versions[0]).id;
    const [kind, handle] = ['sec' as const, `cctl_sec_${leaked}`];
    const unknown = { kind, handle, credentialId: null, version: null };
    for (const place of ['a.ts:1:1', 'ä "b"']) {
      await tx.recordLeaks([{ ...unknown, source: 'scan', place }], START);
    }
    for (const name of ['one', 'two ’ “”', 'three\nlines']) {
      await tx.appendAudit(
        {
          actor: 'tester@here',
          reason: name,
          action: 'store.set',
          target: { kind: 'store', id: null, name: null },
          details: { name },
        },
        START,
      );
    }
  });
  return fresh;
}

export async function copy(from: AnyStore, to: CopyTarget): Promise<Copied> {
  const source = await sourceOf(from);
  try {
    return await copyStore(dependencies(), source, to, BATCH);
  } finally {
    await source.close();
  }
}

/** What both sides hold, where a copy may not differ. */
async function contents(side: Pick<CopyPlace, 'ask'> | AnyStore): Promise<Record<string, readonly object[]>> {
  const {
    store,
    audit_head: _,
    ...rest
  } = (await everything(side as AnyStore)) as Record<string, readonly object[]>;
  const events = (rest['audit_event'] ?? []).filter(
    (row) => !('action' in row) || row.action !== 'store.copy.complete',
  );
  // A database keeps a record for versions that were never used as well.
  const uses = (rest['last_use'] ?? []).filter(
    (row) => !('last_used_at' in row && 'number' in row) || row.last_used_at !== 0 || row.number === 0,
  );
  return {
    ...rest,
    last_use: uses,
    audit_event: events,
    store: (store ?? []).map((row) => ({ ...row, store_id: null, place: null })),
  };
}

/** Asserts that a copy is complete: all rows the same, the trail whole, nothing to be found wrong with it. */
export async function expectSame(from: AnyStore, place: CopyPlace, copied: Copied): Promise<void> {
  expect(await contents(place)).toEqual(await contents(from));
  const store = await place.open();
  expect(await store.verifyAudit(null)).toEqual({ valid: true, events: copied.events, head: copied.head });
  expect(await findingsIn(store)).toEqual(await findingsIn(from.store));
  const settings = await store.settings();
  expect(settings.id).toBe(copied.storeId);
  expect(settings.id).not.toBe((await from.store.settings()).id);
}

/** The fixtures write no events of their credentials, which is found out on both sides alike. */
export async function findingsIn(store: Store): Promise<readonly string[]> {
  const findings = (await store.check(START)).filter(({ check }) => check !== 'modes');
  const isOfFixtures = (message: string) =>
    /^the owner .* was never created according to the audit trail$/.test(message);
  expect(findings.filter(({ check, message }) => check !== 'accounts' && !isOfFixtures(message))).toEqual([]);
  return findings.map(({ message }) => message);
}

/** The same target, whose drafts meet a fault, or something else, at a batch. */
export function disturbed(
  target: CopyTarget,
  onInsert: (draft: CopyDraft, table: string) => Promise<void>,
): CopyTarget {
  return {
    ...target,
    async open(sourceId, now) {
      const draft = await target.open(sourceId, now);
      const insert: CopyDraft['insert'] = async (table, rows) => {
        await onInsert(draft, table.name);
        await draft.insert(table, rows);
      };
      return {
        isResumed: draft.isResumed,
        rows: draft.rows,
        count: draft.count,
        digest: draft.digest,
        insert,
        clearAfter: (table, after) => draft.clearAfter(table, after),
        complete: (change) => draft.complete(change),
        discard: () => draft.discard(),
        close: () => draft.close(),
      };
    },
  };
}
