import type { Credential } from '../../domain/credential/credential.js';
import type { Version } from '../../domain/credential/version.js';
import { CredctlError, conflictError } from '../../domain/errors.js';
import type { StoreTransaction } from '../../domain/ports/store-port.js';
import { shellWord } from '../../domain/text/quote.js';
import type { Dependencies } from '../dependencies.js';
import { type Hold, holdOn } from './lease.js';

/**
 * Refuses a step while a version is held: until its lease ends, only the delivering process decides on it.
 *
 * @param takeOver whether to ignore the lease of a process that cannot be inspected
 * @throws CredctlError `conflict` that says until when, and names the way out
 */
export function refuseWhileDelivered(
  deps: Pick<Dependencies, 'processes'>,
  { name, versions }: Credential,
  now: number,
  takeOver = false,
): void {
  for (const version of versions) {
    const hold = holdOn(deps, version, now);
    if (hold === 'none' || (hold === 'lease' && takeOver)) continue;
    const doing = `version ${version.number} of ${name} is being delivered`;
    const force = `credctl rotate ${shellWord(name)} --now, --abort or --resume`;
    throw hold === 'process'
      ? heldByProcess(doing, version, `you can still use credctl deactivate ${shellWord(name)}`)
      : heldByLease(doing, version, `add --take-over: ${force}`);
  }
}

/**
 * As {@link refuseWhileDelivered}, for a create whose first secret is being delivered and whose name is
 * therefore held.
 *
 * @throws HeldName
 */
export function refuseWhileCreated(
  deps: Pick<Dependencies, 'processes'>,
  { name, versions }: Credential,
  now: number,
): void {
  const held = heldVersion(deps, versions, now);
  if (held === null) return;
  const { version, hold } = held;
  const doing = `${name} is being created`;
  const { message, hint } =
    hold === 'process'
      ? heldByProcess(doing, version, `you can still use credctl delete ${shellWord(name)}`)
      : heldByLease(doing, version, `undo it: credctl rotate ${shellWord(name)} --abort --take-over`);
  throw new HeldName(message, hint);
}

/** A name is held by a create whose first secret is being delivered; how that ends is not known yet. */
export class HeldName extends CredctlError {
  constructor(message: string, hint: string | null) {
    super('conflict', message, hint === null ? {} : { hint });
  }
}

/** Whether {@link refuseWhileCreated} refuses. */
export function isBeingCreated(
  deps: Pick<Dependencies, 'processes'>,
  { versions }: Credential,
  now: number,
): boolean {
  return heldVersion(deps, versions, now) !== null;
}

/** The first version that is held, and by what; null when none is. */
function heldVersion(
  deps: Pick<Dependencies, 'processes'>,
  versions: readonly Version[],
  now: number,
): { readonly version: Version; readonly hold: Exclude<Hold, 'none'> } | null {
  for (const version of versions) {
    const hold = holdOn(deps, version, now);
    if (hold !== 'none') return { version, hold };
  }
  return null;
}

function heldByProcess(doing: string, { delivery }: Version, besides: string): CredctlError {
  const by = delivery?.process;
  return conflictError(
    `${doing} by process ${by?.pid} on ${by?.host}`,
    `wait for that process, or end it, and run the command again; ${besides}`,
  );
}

function heldByLease(doing: string, { delivery }: Version, wayOut: string): CredctlError {
  const by = delivery?.process;
  const until = new Date(delivery?.deliverBy ?? 0).toISOString();
  return conflictError(
    `${doing} by process ${by?.pid} on ${by?.host}, which this machine cannot see; at the latest until ${until}`,
    `wait until then; or, if that process has ended, ${wayOut}`,
  );
}

/**
 * Ends the leases of open deliveries. A process that continues with one of these versions finds in transaction
 * B that it was taken over.
 *
 * @returns the numbers of those taken over before their lease had ended
 */
export async function takeOverDeliveries(
  deps: Pick<Dependencies, 'processes'>,
  tx: StoreTransaction,
  { versions }: Credential,
  now: number,
): Promise<readonly number[]> {
  const open = versions.filter((version) => version.delivery !== null);
  for (const version of open) await tx.updateVersion(version.id, { delivery: null });
  return leased(deps, open, now);
}

/** The numbers of the versions under an unexpired lease. */
export function leased(
  deps: Pick<Dependencies, 'processes'>,
  versions: readonly Version[],
  now: number,
): readonly number[] {
  return versions.filter((version) => holdOn(deps, version, now) === 'lease').map(({ number }) => number);
}
