import { describe, expect, it } from 'vitest';
import type { Copied } from '../../../src/usecases/store/copy-store.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { POSTGRES_14, POSTGRES_18, POSTGRES_ENGINES } from '../../support/postgres/stores.js';
import { type PlaceKind, postgresPlace, SQLITE_PLACE } from '../../support/stores/copy-ends.js';
import { type Engine, SQLITE } from '../../support/stores/stores.js';
import { added, existing } from '../contract/opened.js';
import { failure } from '../fixtures.js';
import { type AnyStore, copy, disturbed, expectSame, filled, findingsIn } from './copying.js';

const POSTGRES_18_PLACE = postgresPlace(POSTGRES_18);

/** From each engine to each, and between the versions of one where all of them are tried. */
const WAYS: readonly (readonly [from: Engine<AnyStore>, to: PlaceKind])[] = [
  ...POSTGRES_ENGINES.map((engine) => [SQLITE, postgresPlace(engine)] as const),
  ...POSTGRES_ENGINES.filter((engine) => engine === POSTGRES_14).map(
    (engine) => [engine, POSTGRES_18_PLACE] as const,
  ),
  [POSTGRES_18, SQLITE_PLACE],
  [SQLITE, SQLITE_PLACE],
];

const NAMED = WAYS.map(([from, to]) => ({ from, to, way: `${from.label} to ${to.label}` }));

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
    await tx.recordUse(existing(pick(3).versions[0]).id, START + seed, null);
    for (const { id } of (await tx.listOwners()).slice(0, 1)) {
      await tx.updateOwner(id, { name: `owner-${seed}` });
    }
  });
  await added(store, {});
}
