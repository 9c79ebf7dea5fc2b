import { type ClockDoubt, clockDetail, clockDoubt } from '../domain/clock-doubt.js';
import { formatInstant } from '../domain/duration.js';
import { CredctlError, conflictError } from '../domain/errors.js';
import type { StoreReader, StoreTransaction } from '../domain/ports/store-port.js';
import type { Dependencies } from './dependencies.js';

/** Dependencies that decide about a clock in doubt. */
export type ClockDependencies = Pick<Dependencies, 'store' | 'trustsClock'>;

/**
 * Compares the clock with the newest audit event; null where they agree.
 *
 * @param now epoch milliseconds
 */
export async function doubtOf(store: StoreReader, now: number): Promise<ClockDoubt | null> {
  const { items } = await store.listAudit({ limit: 1 });
  return clockDoubt(now, items[0]?.event ?? null);
}

/**
 * Preflight check of a change that computes an end from the clock.
 *
 * @param now epoch milliseconds
 * @throws CredctlError `conflict`
 */
export async function refuseWrongClock(
  deps: ClockDependencies,
  store: StoreReader,
  now: number,
): Promise<void> {
  if (deps.trustsClock === true) return;
  const doubt = await doubtOf(store, now).catch(unlessDenied);
  if (doubt !== null) throw refusal(deps, doubt);
}

/** A login that may not read the trail may not write either: the write reports the missing role. */
function unlessDenied(fault: unknown): null {
  if (fault instanceof CredctlError && fault.code === 'denied') return null;
  throw fault;
}

/**
 * Refuses to compute an end from a clock that contradicts the audit trail, unless the user vouches for the
 * clock; then the events of the change record the doubt.
 *
 * @param now epoch milliseconds
 * @throws CredctlError `conflict`
 */
export async function requireRightClock(
  deps: ClockDependencies,
  tx: StoreTransaction,
  now: number,
): Promise<void> {
  const doubt = await doubtOf(tx, now);
  if (doubt === null) return;
  if (deps.trustsClock !== true) throw refusal(deps, doubt);
  tx.addToEvents({ clock: clockDetail(doubt, true) });
}

function refusal(deps: ClockDependencies, doubt: ClockDoubt): CredctlError {
  return conflictError(
    describeDoubt(doubt, deps.store),
    'expiry times would be computed with this clock: set it right; if it is right, add --yes',
  );
}

/** A clause for messages: which clock is in doubt, and by how much. */
export function describeDoubt(
  { direction, ms, now, eventAt }: ClockDoubt,
  { clock }: Pick<Dependencies['store'], 'clock'>,
): string {
  const whose = clock === null ? "this machine's clock" : "the database's clock";
  const preposition = direction === 'ahead' ? 'ahead of' : 'behind';
  const what = eventAt === null ? 'this program' : `an event of the audit trail (${instant(eventAt)})`;
  return `${whose} says ${instant(now)}, ${roughly(ms)} ${preposition} ${what}`;
}

/** A wrong clock may be before 1970, which has no format. */
function instant(ms: number): string {
  return ms < 0 ? 'a time before 1970' : formatInstant(ms);
}

function roughly(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}
