import { clockDetail } from '../domain/clock-doubt.js';
import type { Store, StoreTransaction } from '../domain/ports/store-port.js';
import { expireVersions } from './delivery/expire-versions.js';
import type { Dependencies } from './dependencies.js';
import { doubtOf } from './right-clock.js';

/** External dependencies of every write, to a store of any kind. */
export type ChangeDependencies = { readonly store: Pick<Store, 'write'> } & Pick<
  Dependencies,
  'clock' | 'processes' | 'author' | 'trustsClock' | 'onClockDoubt'
>;

/**
 * Runs `work` in a write transaction, after expiring the versions whose deadline has passed. Where the clock
 * contradicts the audit trail, the events of the change carry a `clock` detail.
 */
export async function change<T>(
  deps: ChangeDependencies,
  work: (tx: StoreTransaction, now: number) => Promise<T>,
): Promise<T> {
  const { result, doubt } = await deps.store.write(async (tx) => {
    const now = deps.clock.now();
    const doubt = await doubtOf(tx, now);
    if (doubt !== null) tx.addToEvents({ clock: clockDetail(doubt, false) });
    await expireVersions(deps, tx, now);
    return { result: await work(tx, now), doubt };
  });
  if (doubt !== null) deps.onClockDoubt?.(doubt);
  return result;
}
