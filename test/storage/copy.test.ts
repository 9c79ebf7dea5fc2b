import { describe, expect, it } from 'vitest';
import type { CopyDraft, CopyTarget } from '../../src/domain/copy-port.js';
import type { Store } from '../../src/domain/store-port.js';
import { silentWatch } from '../../src/system/copy-progress.js';
import { systemProcesses } from '../../src/system/processes.js';
import { type Copied, type CopyDependencies, copyStore } from '../../src/usecases/copy-store.js';
import {
  type CopyPlace,
  type PlaceKind,
  postgresPlace,
  SQLITE_PLACE,
  sourceOf,
} from '../support/copy-ends.js';
import { FixedClock, START } from '../support/fixed-clock.js';
import { FixedRandom } from '../support/fixed-random.js';
import { POSTGRES_14, POSTGRES_18, type PostgresTestStore } from '../support/postgres-stores.js';
import { type Engine, SQLITE, type SqliteTestStore } from '../support/stores.js';
import { added, everything, existing, opened } from './contract/opened.js';
import { populate } from './contract/population.js';
import { failure } from './fixtures.js';
import '../support/patience.js';

type AnyStore = SqliteTestStore | PostgresTestStore;

const POSTGRES_14_PLACE = postgresPlace(POSTGRES_14);
const POSTGRES_18_PLACE = postgresPlace(POSTGRES_18);

/** From each engine to each, and between the versions of one. */
const WAYS: readonly (readonly [from: Engine<AnyStore>, to: PlaceKind])[] = [
  [SQLITE, POSTGRES_14_PLACE],
  [SQLITE, POSTGRES_18_PLACE],
  [POSTGRES_14, POSTGRES_18_PLACE],
  [POSTGRES_18, SQLITE_PLACE],
  [SQLITE, SQLITE_PLACE],
];

const NAMED = WAYS.map(([from, to]) => ({ from, to, way: `${from.label} to ${to.label}` }));

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
async function filled(engine: Engine<AnyStore>): Promise<AnyStore> {
  const fresh = await opened(engine);
  const { store } = fresh;
  const { credentials } = await populate(store, 30);
  const gone = await added(store, { name: 'gone', type: 'oauth2', clientId: 'cctl_id_0123456789ABCDEF' });
  const holder = existing(credentials[0]);
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

async function copy(from: AnyStore, to: CopyTarget): Promise<Copied> {
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
  return { ...rest, audit_event: events, store: (store ?? []).map((row) => ({ ...row, store_id: null })) };
}

/** Asserts that a copy is complete: all rows the same, the trail whole, nothing to be found wrong with it. */
async function expectSame(from: AnyStore, place: CopyPlace, copied: Copied): Promise<void> {
  expect(await contents(place)).toEqual(await contents(from));
  const store = await place.open();
  expect(await store.verifyAudit(null)).toEqual({ valid: true, events: copied.events, head: copied.head });
  expect(await findingsIn(store)).toEqual(await findingsIn(from.store));
  const settings = await store.settings();
  expect(settings.id).toBe(copied.storeId);
  expect(settings.id).not.toBe((await from.store.settings()).id);
}

/** The fixtures write no events of their credentials, which is found out on both sides alike. */
async function findingsIn(store: Store): Promise<readonly string[]> {
  const findings = (await store.check(START)).filter(({ check }) => check !== 'modes');
  expect(findings.filter(({ check }) => check !== 'accounts')).toEqual([]);
  return findings.map(({ message }) => message);
}

/** The same target, whose drafts meet a fault, or something else, at a batch. */
function disturbed(
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

describe.each(NAMED)('a copy from $way', ({ from: engine, to: kind }) => {
  it('holds everything, is verified, and says in both trails what happened', async () => {
    const from = await filled(engine);
    const place = await kind.create();
    const copied = await copy(from, await place.target());
    expect(copied).toMatchObject({ credentials: 30, isResumed: false });
    await expectSame(from, place, copied);

    const last = async (of: Pick<AnyStore['store'], 'listAudit'>) =>
      (await of.listAudit({ limit: 1 })).items[0];
    const { id } = await from.store.settings();
    expect((await last(from.store))?.event).toMatchObject({ action: 'store.copy', target: { id } });
    expect((await last(await place.open()))?.event).toMatchObject({
      action: 'store.copy.complete',
      reason: 'moving house',
      target: { id: copied.storeId },
      details: { former_id: id },
    });
  });

  it('that is cut off at any batch is no store, and is gone on with, whatever was changed meanwhile', async () => {
    const from = await filled(engine);
    const place = await kind.create();
    let attempts = 0;
    let copied: Copied | null = null;
    while (copied === null) {
      attempts += 1;
      let left = 4;
      const target = disturbed(await place.target(), async () => {
        left -= 1;
        if (left === 0) throw new Error('cut off');
      });
      copied = await copy(from, target).catch((fault: unknown) => {
        expect(fault).toEqual(new Error('cut off'));
        return null;
      });
      if (copied !== null) break;
      await expect(place.open()).rejects.toEqual(failure('store_unavailable'));
      if (attempts === 4 || attempts === 9) await change(from, attempts);
    }
    expect(attempts).toBeGreaterThan(9);
    expect(copied.isResumed).toBe(true);
    await expectSame(from, place, copied);
  });

  it('is of one moment, however much is written while it is made', async () => {
    const from = await filled(engine);
    const before = (await from.store.statistics()).credentials;
    const place = await kind.create();
    const other = await from.connect();
    const target = disturbed(await place.target(), async () => {
      await added(other, {});
    });
    const copied = await copy(from, target);
    expect(copied.credentials).toBe(before);
    const store = await place.open();
    expect((await store.statistics()).credentials).toBe(before);
    await findingsIn(store);
    expect((await from.store.statistics()).credentials).toBeGreaterThan(before + 5);
  });
});

/** Edits, exchanges two names, deletes, adds and uses: whatever has been copied already may be affected. */
async function change({ store }: AnyStore, seed: number): Promise<void> {
  const { items } = await store.listCredentials({ now: START, sort: 'name', limit: 1_000 });
  const pick = (n: number) => existing(items[(seed * 7 + n) % items.length]);
  const [one, two] = [pick(0), pick(1)];
  await store.write(async (tx) => {
    await tx.updateCredential(one.id, { name: `held-${seed}` });
    await tx.updateCredential(two.id, { name: one.name, scopes: ['events:messages'] });
    await tx.updateCredential(one.id, { name: two.name });
    await tx.deleteCredential(pick(2).id, START);
    await tx.recordUse(existing(pick(3).versions[0]).id, START + seed);
    for (const { id } of (await tx.listOwners()).slice(0, 1)) {
      await tx.updateOwner(id, { name: `owner-${seed}` });
    }
  });
  await added(store, {});
}

describe.each([SQLITE_PLACE, POSTGRES_18_PLACE])('a copy into $label', (kind) => {
  it('overwrites nothing', async () => {
    const from = await filled(SQLITE);
    const place = await kind.create();
    const copied = await copy(from, await place.target());
    const before = await everything(place as unknown as AnyStore);
    const events = (await from.store.listAudit({ limit: 1 })).items[0]?.event.seq;
    await expect(copy(from, await place.target())).rejects.toEqual(failure('conflict', /already$/, /--to/));
    expect(await everything(place as unknown as AnyStore)).toEqual(before);
    expect((await from.store.listAudit({ limit: 1 })).items[0]?.event.seq).toBe(events);
    expect((await (await place.open()).settings()).id).toBe(copied.storeId);
  });

  it('does not go on with the copy of another store, nor with one that is being made', async () => {
    const [one, other] = [await filled(SQLITE), await filled(SQLITE)];
    await other.tamper("update store set store_id = '01a210a8-0000-7000-8000-000000000000'");
    const place = await kind.create();
    const hindered = disturbed(await place.target(), async () => {
      await expect(copy(one, await place.target())).rejects.toEqual(failure('conflict', /another command/));
      throw new Error('cut off');
    });
    await expect(copy(one, hindered)).rejects.toThrow('cut off');
    const refused = failure('conflict', /unfinished copy of another store/, /remove it/);
    await expect(copy(other, await place.target())).rejects.toEqual(refused);
    expect((await copy(one, await place.target())).isResumed).toBe(true);
  });

  it('of an altered trail does not come about, and leaves nothing', async () => {
    const from = await filled(SQLITE);
    const [row] = await from.ask<{ actor: string }>('select actor from audit_event where seq = 2');
    await from.tamper("update audit_event set actor = 'mallory' where seq = 2");
    const place = await kind.create();
    const refused = failure('integrity', /altered at event 2$/, /store check/);
    await expect(copy(from, await place.target())).rejects.toEqual(refused);
    await expect(place.open()).rejects.toEqual(failure('store_unavailable', /there is no store/));
    await from.tamper('update audit_event set actor = ? where seq = 2', existing(row).actor);
    expect((await copy(from, await place.target())).isResumed).toBe(false);
  });

  it('that is not what the store holds is found out, and leaves nothing', async () => {
    const from = await filled(SQLITE);
    const place = await kind.create();
    const altered = disturbed(await place.target(), async (_draft, table) => {
      if (table === 'version')
        await place.ask("update credential set status = 'inactive' where status = 'active'");
    });
    await expect(copy(from, altered)).rejects.toEqual(
      failure('integrity', /^the table credential of the copy/),
    );
    await expect(place.open()).rejects.toEqual(failure('store_unavailable', /there is no store/));
  });
});
