import type { Credential } from '../../domain/credential/credential.js';
import { completeDelivery } from '../../domain/credential/rotation.js';
import {
  type DestinationKind,
  inOrder,
  LAPSE_AFTER_MS,
  type Supersede,
  type Version,
} from '../../domain/credential/version.js';
import { formatInstant } from '../../domain/duration.js';
import { CredctlError, conflictError } from '../../domain/errors.js';
import type { AbandonedVersion, Delivery, Destination } from '../../domain/ports/ports.js';
import type { StoreSettings, StoreTransaction } from '../../domain/ports/store-port.js';
import type { CredentialType } from '../../domain/scope/catalog.js';
import { issuedSecret } from '../../domain/secret/issued-secret.js';
import {
  composeSecret,
  drawBase62,
  drawSecret,
  handleOf,
  ID_LENGTH,
  kindOf,
} from '../../domain/secret/secret-format.js';
import { shellCommand, shellWord } from '../../domain/text/quote.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';
import { confirmOwnDelivery } from './confirm.js';
import { type HandOver, handOver } from './hand-over.js';
import { leaseOf } from './lease.js';
import { releaseOnceItCan } from './release.js';
import { refuseToIssue } from './stop.js';

/** A version that is not stored yet. */
export interface DraftVersion {
  readonly id: string;
  readonly hash: string;
  /** Builds the version's record for transaction A. */
  readonly version: (credentialId: string, number: number, now: number, supersede: Supersede) => Version;
}

/** What differs between a create and a rotation. */
export interface DeliveryPlan {
  readonly type: CredentialType;
  readonly destinations: readonly Destination[];
  /** Earlier versions whose delivery was interrupted. */
  readonly abandoned: readonly AbandonedVersion[];
  /**
   * Transaction A: repeats the checks (TOCTOU), then inserts. Returns the credential including the new version.
   */
  readonly insert: (tx: StoreTransaction, draft: DraftVersion, now: number) => Promise<Credential>;
  readonly takeBack: HandOver['takeBack'];
}

/** A credential whose newest version was delivered. */
export interface Delivered {
  readonly credential: Credential;
  readonly version: Version;
  readonly deliveredTo: readonly DestinationKind[];
}

/**
 * Two-phase delivery: preflight, transaction A, delivery, transaction B.
 *
 * @throws CredctlError `undelivered` when the secret could not be delivered, and then no new secret works;
 *   {@link DeliveryInDoubt} when it may have been received; `partial` when it was delivered and transaction B
 *   failed; {@link NothingIssued}; whatever `plan.insert` throws
 */
export async function deliverVersion(deps: Dependencies, plan: DeliveryPlan): Promise<Delivered> {
  deps.observe?.('started');
  await preflight(plan);
  deps.stop?.watch();
  deps.observe?.('destination-ready');
  const settings = await deps.store.settings();
  const id = drawBase62((length) => deps.random.bytes(length), ID_LENGTH);
  const secret = drawSecret((length) => deps.random.bytes(length));
  const hash = await deps.hasher.hash(secret, settings.hashPolicy);
  deps.observe?.('hashed');
  const { credential, version, storeId } = await insertVersion(deps, plan, settings, { id, hash });
  deps.observe?.('committed');
  const kind = kindOf(plan.type);
  const text = composeSecret(settings.prefix, kind, id, secret);
  const expected = completeDelivery(credential, version, deps.clock.now()).credential;
  const delivery: Delivery = {
    credential: expected,
    version: expected.versions.find((candidate) => candidate.id === id) ?? version,
    handle: handleOf(settings.prefix, kind, id),
    secret: issuedSecret(credential.clientId, text),
    storeId,
  };
  const { destinations } = plan;
  await handOver(deps, { destinations, takeBack: plan.takeBack, credential, version, delivery });
  deps.observe?.('delivered');
  const confirmed = await confirm(deps, credential, version);
  deps.observe?.('confirmed');
  await settle(plan, delivery);
  return { ...confirmed, deliveredTo: kindsOf(plan) };
}

async function preflight(plan: DeliveryPlan): Promise<void> {
  for (const destination of plan.destinations) {
    try {
      await destination.preflight({ abandoned: plan.abandoned });
    } catch (fault) {
      if (fault instanceof CredctlError) throw fault;
      throw new CredctlError('undelivered', `the ${destination.kind} cannot receive the secret`, {
        hint: 'nothing was changed',
        cause: fault,
      });
    }
  }
}

async function insertVersion(
  deps: Dependencies,
  plan: DeliveryPlan,
  settings: StoreSettings,
  drawn: { readonly id: string; readonly hash: string },
): Promise<{ credential: Credential; version: Version; storeId: string }> {
  return change(deps, async (tx, now) => {
    // Signals are held from here on, not while waiting for the lock: before the insert there is nothing to
    // complete.
    deps.stop?.hold();
    const present = await tx.settings();
    if (present.prefix !== settings.prefix) {
      throw conflictError(
        'the store was replaced while the secret was being prepared',
        'run the command again',
      );
    }
    const credential = await plan.insert(tx, draftVersion(deps, plan, drawn), now);
    const version = credential.versions.find((candidate) => candidate.id === drawn.id);
    if (version === undefined) throw new CredctlError('unexpected', 'the new version was not stored');
    deps.observe?.('inserted');
    await refuseToIssue(deps);
    return { credential, version, storeId: present.id };
  });
}

function draftVersion(
  deps: Pick<Dependencies, 'processes'>,
  plan: DeliveryPlan,
  drawn: { readonly id: string; readonly hash: string },
): DraftVersion {
  const mayLapse = plan.destinations.every((destination) => !destination.replaces);
  return {
    ...drawn,
    version: (credentialId, number, now, supersede) => ({
      id: drawn.id,
      credentialId,
      number,
      createdAt: now,
      deliveredAt: null,
      lapsesAt: mayLapse ? now + LAPSE_AFTER_MS : null,
      retiresAt: null,
      revokedAt: null,
      ended: null,
      firstUsedAt: null,
      receivedAt: null,
      lastUsedAt: null,
      lastUsedFrom: null,
      superseded: null,
      supersede,
      destinations: kindsOf(plan),
      delivery: { process: deps.processes.self(), deliverBy: now + leaseOf(plan.destinations) },
    }),
  };
}

/** The kinds of the destinations, in documented order. */
function kindsOf(plan: DeliveryPlan): readonly DestinationKind[] {
  return inOrder(plan.destinations.map((destination) => destination.kind));
}

/** Best-effort cleanup: a failure does not affect the delivery. */
async function settle(plan: DeliveryPlan, delivery: Delivery): Promise<void> {
  for (const destination of plan.destinations) await destination.settle?.(delivery).catch(() => {});
}

async function confirm(
  deps: Dependencies,
  credential: Credential,
  version: Version,
): Promise<{ credential: Credential; version: Version }> {
  try {
    return await change(deps, async (tx, now) => {
      deps.observe?.('confirming');
      return confirmOwnDelivery(deps, tx, credential.id, version.id, now);
    });
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'partial') throw fault;
    releaseOnceItCan(deps, version);
    const isRefused = fault instanceof CredctlError && fault.code === 'conflict';
    const why = isRefused ? fault.message : 'the store could not record that';
    throw new CredctlError(
      'partial',
      `version ${version.number} of ${credential.name} was delivered, but ${why}`,
      {
        hint: `${working(credential, version)}; complete the delivery with ${shellCommand(`credctl rotate ${shellWord(credential.name)} --resume`)}`,
        cause: fault,
      },
    );
  }
}

/** Describes which versions work after a failed transaction B. */
function working({ versions }: Credential, { lapsesAt }: Version): string {
  if (versions.length > 1) return 'both secrets work';
  return lapsesAt === null
    ? 'the new secret works'
    : `the new secret stops at ${formatInstant(lapsesAt)} unless it is used`;
}
