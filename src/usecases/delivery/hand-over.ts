import type { Credential } from '../../domain/credential/credential.js';
import { type DestinationKind, inOrder, type Version } from '../../domain/credential/version.js';
import { CredctlError, DeliveryInDoubt } from '../../domain/errors.js';
import type { Delivery, Destination } from '../../domain/ports/ports.js';
import type { StoreTransaction } from '../../domain/ports/store-port.js';
import { shellCommand, shellWord } from '../../domain/text/quote.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';
import { announcing } from './announce.js';
import { refuseConfirmed } from './confirm.js';
import { keepingLease } from './lease.js';
import { release, releaseOnceItCan } from './release.js';
import { refuseToDeliver } from './stop.js';

/** Error codes of a destination that are passed on; any other failure becomes `undelivered`. */
const HAND_OVER_FAULTS: ReadonlySet<string> = new Set(['undelivered', 'interrupted', 'terminated']);

/** A stored version and its destinations. */
export interface HandOver {
  readonly destinations: readonly Destination[];
  readonly credential: Credential;
  readonly version: Version;
  readonly delivery: Delivery;
  /** Compensates transaction A after a failed delivery. */
  readonly takeBack: (
    tx: StoreTransaction,
    credential: Credential,
    version: Version,
    now: number,
  ) => Promise<void>;
}

/**
 * Delivers a secret to each destination in order. On a failure, the destinations reached so far are undone and
 * the version is revoked. Where the outcome is unknown, or a replaced secret cannot be restored, the version
 * stays pending and nothing is undone: `--resume` needs the secret in every destination reached.
 *
 * @throws CredctlError `undelivered`, `interrupted` and `terminated`, after which no new secret works;
 *   {@link DeliveryInDoubt}; `partial` when it failed although another command has confirmed it
 */
export async function handOver(deps: Dependencies, plan: HandOver): Promise<void> {
  const reached: Destination[] = [];
  try {
    for (const destination of plan.destinations) {
      await refuseToDeliver(deps);
      reached.unshift(destination);
      const deliver = () => destination.deliver(plan.delivery, announcing(deps, plan.version));
      await keepingLease(deps, plan.version, plan.destinations, destination, deliver);
    }
  } catch (fault) {
    if (fault instanceof DeliveryInDoubt) throw await leavePending(deps, plan, fault, reached.slice(1));
    const failure = failureOf(fault);
    const stuck = await undoAll(reached);
    if (stuck.length > 0) throw await leavePending(deps, plan, cannotUndo(failure, stuck), stuck);
    await takeBack(deps, plan, failure);
    throw failure;
  }
}

function failureOf(fault: unknown): CredctlError {
  return fault instanceof CredctlError && HAND_OVER_FAULTS.has(fault.code)
    ? fault
    : new CredctlError('undelivered', 'the secret could not be delivered', {
        hint: 'no new secret works',
        cause: fault,
      });
}

/**
 * @returns the destinations where the new secret has replaced an older one and stays: revoking it would lock
 *   out its readers
 */
async function undoAll(reached: readonly Destination[]): Promise<readonly Destination[]> {
  const stuck: Destination[] = [];
  for (const destination of reached) {
    await destination.undo().catch(() => {
      if (destination.replaces) stuck.push(destination);
    });
  }
  return stuck;
}

function cannotUndo(failure: CredctlError, stuck: readonly Destination[]): DeliveryInDoubt {
  return new DeliveryInDoubt(`${failure.message}, and ${placesOf(stuck)} could not be restored`, {
    ...(failure.code === 'undelivered' ? {} : { code: failure.code }),
    cause: failure.cause,
  });
}

/** Ends the lease, although the process may live on, so that the version can be resumed or aborted at once. */
async function leavePending(
  deps: Dependencies,
  { credential, version }: HandOver,
  fault: DeliveryInDoubt,
  holders: readonly Destination[],
): Promise<DeliveryInDoubt> {
  await release(deps, version).catch(() => releaseOnceItCan(deps, version));
  return new DeliveryInDoubt(fault.message, {
    code: fault.code,
    hint: wayOut(credential, version, holders),
    cause: fault.cause,
  });
}

const PLACES: Readonly<Record<DestinationKind, string>> = {
  stdout: 'standard output',
  keychain: 'the keychain',
  file: 'the file',
  command: 'the command',
};

function placesOf(destinations: readonly Destination[]): string {
  return inOrder(destinations.map(({ kind }) => kind))
    .map((kind) => PLACES[kind])
    .join(' and ');
}

function wayOut({ name }: Credential, { number }: Version, holders: readonly Destination[]): string {
  const older = number === 1 ? '' : ', and older secrets still work';
  const known = holders.length === 0 ? '' : ` (it is in ${placesOf(holders)})`;
  return `version ${number} of ${name} is pending${older}: check whether the secret has arrived${known}; if so, ${shellCommand(`credctl rotate ${shellWord(name)} --resume`)} confirms it; if not, '--abort' revokes it`;
}

async function takeBack(
  deps: Dependencies,
  { credential, version, takeBack: undo }: HandOver,
  failure: CredctlError,
): Promise<void> {
  try {
    await change(deps, async (tx, now) => {
      const present = await tx.findCredential(credential.id);
      if (present === null) return;
      refuseConfirmed(present, version);
      await undo(tx, present, version, now);
    });
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'partial') throw fault;
    throw new CredctlError('undelivered', `${failure.message}, and the store could not record that`, {
      hint:
        version.lapsesAt === null
          ? `version ${version.number} is pending; revoke it: credctl rotate ${shellWord(credential.name)} --abort`
          : `version ${version.number} was not delivered, and stops within ten minutes`,
      cause: fault,
    });
  }
}
