import type { ClockDoubt } from '../domain/clock-doubt.js';
import type { Credential } from '../domain/credential/credential.js';
import { parseDuration } from '../domain/duration.js';
import type { Clock, Destination } from '../domain/ports/ports.js';
import type { CredentialQuery, Page, Store } from '../domain/ports/store-port.js';
import type { CredentialType } from '../domain/scope/catalog.js';
import { parseActor, parseName, parseReason } from '../domain/text/name.js';
import { systemClock } from '../system/clock.js';
import { secretHasher } from '../system/hashing/hasher.js';
import { systemProcesses } from '../system/processes.js';
import { systemRandom } from '../system/random.js';
import { setCredentialStatus } from '../usecases/credential/activation.js';
import { deleteCredential } from '../usecases/credential/delete.js';
import { type Edited, editCredential } from '../usecases/credential/edit.js';
import { findCredential } from '../usecases/credential/find.js';
import { type Issued, issueCredential } from '../usecases/credential/issue.js';
import type { Dependencies } from '../usecases/dependencies.js';
import {
  abortRotation,
  finishRotation,
  resumeRotation,
  type StepResult,
} from '../usecases/rotation/end-rotation.js';
import { type Rotated, rotate } from '../usecases/rotation/rotate.js';
import {
  type ChangeConditions,
  parsedConditions,
  parsedRotation,
  type RotateOptions,
  type StopConditions,
} from './change-options.js';
import {
  ABORT,
  ADMINISTER,
  AUTHOR,
  CONDITIONS,
  CREATE,
  DESTINATION,
  EDIT,
  FORCE,
  LIST,
  REFERENCE,
  ROTATE,
  requireShape,
  STOP_CONDITIONS,
  TAKE_OVER,
} from './input.js';
import { descriptionOf, type EditChanges, instantOf, labelOf, parsedChanges } from './parsed-input.js';

/** The author of changes, for the audit trail. */
export interface Author {
  /** Name of the author, such as `deploy@ci`. */
  readonly actor: string;
  readonly reason?: string;
}

/** Options of {@link administer}. */
export interface AdministratorOptions {
  /**
   * Trust the clock although the audit trail contradicts it. Without it, operations that compute an end from
   * such a clock (a grace, a rotation policy or an `expiresAt`) reject with `conflict`.
   */
  readonly trustClock?: boolean;
  /** Called after every change made with a clock that the audit trail contradicts. */
  readonly onClockDoubt?: (doubt: ClockDoubt) => void;
}

/** A credential to create. */
export interface CreateInput {
  /** 1 to 128 characters, unique case-insensitively. */
  readonly name: string;
  readonly type: CredentialType;
  /** Scopes as on the command line, such as `data:users` or `profile:read@workspace/production`. */
  readonly scopes: readonly string[];
  /** The name of an existing owner. */
  readonly owner?: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly expiresAt?: Date;
  /** A rotation policy, such as `90d`. */
  readonly rotateEvery?: string;
  /** A canary grants nothing and needs no scopes; a presentation of its secret is recorded as a leak. */
  readonly canary?: boolean;
}

/**
 * All operations of the command line on credentials, on an open store. References are names, ids, client ids or handles.
 * All methods reject with a `CredctlError`: `usage` for invalid input, `not_found`, `conflict`, `undelivered`
 * when a secret could not be delivered (no new secret works then), `partial` when it was delivered and the
 * store could not record it, or when the outcome is unknown (a `DeliveryInDoubt`), `store_unavailable`,
 * `integrity`.
 */
export interface Administrator {
  /** Creates a credential and delivers its secret once. */
  create(input: CreateInput, destination: Destination): Promise<Issued>;
  /**
   * Returns one page of credentials; pass `cursor: page.nextCursor` for the next one. By default sorted by
   * name, 50 per page.
   */
  list(query?: Partial<Omit<CredentialQuery, 'now'>>): Promise<Page<Credential>>;
  /** Returns one credential. */
  show(reference: string): Promise<Credential>;
  /** Changes properties; absent ones keep their values. */
  edit(reference: string, changes: EditChanges): Promise<Edited>;
  /** Activates a credential, effective with the next request. */
  activate(reference: string, conditions?: ChangeConditions): Promise<Credential>;
  /** Deactivates a credential, effective with the next request. */
  deactivate(reference: string, conditions?: StopConditions): Promise<Credential>;
  /**
   * Issues the next secret and delivers it; the older ones keep working until then, and for the grace after it.
   */
  rotate(reference: string, destination: Destination, options?: RotateOptions): Promise<Rotated>;
  /** Ends the grace of a rotation now; with `force` even where an older secret is still in use. */
  finishRotation(reference: string, options?: { readonly force?: boolean }): Promise<StepResult>;
  /**
   * Takes a rotation back; with `force` even where the new secret is in use, with `takeOver` as for
   * {@link RotateOptions.takeOver}.
   */
  abortRotation(
    reference: string,
    options?: { readonly force?: boolean; readonly takeOver?: boolean },
  ): Promise<StepResult>;
  /**
   * Confirms a delivery that was interrupted after the secret had been delivered; with `takeOver` as for
   * {@link RotateOptions.takeOver}.
   */
  resumeRotation(reference: string, options?: { readonly takeOver?: boolean }): Promise<StepResult>;
  /** Deletes a credential permanently; its secrets stop working at once. */
  delete(reference: string, conditions?: StopConditions): Promise<Credential>;
}

/**
 * Administers the credentials in a store on behalf of an author.
 *
 * @throws CredctlError `usage` when a text of the author is not valid in the audit trail
 * @example
 * const store = await openStore('/var/lib/billing/credctl.db');
 * const admin = administer(store, { actor: 'billing@web-1', reason: 'tenant signed up' });
 * await admin.create(
 *   { name: 'tenant-17', type: 'api-key', scopes: ['data:users'] },
 *   handTo(({ secret }) => sendToTenant(secret)),
 * );
 */
export function administer(store: Store, author: Author, options: AdministratorOptions = {}): Administrator {
  requireShape(AUTHOR, author, 'author');
  requireShape(ADMINISTER, options, 'options');
  const deps = dependencies(store, author, options);
  return {
    async create(input, destination) {
      requireShape(CREATE, input, 'input');
      requireShape(DESTINATION, destination, 'destination');
      return issueCredential(deps, {
        name: parseName('credential', input.name),
        type: input.type,
        scopes: input.scopes,
        owner: input.owner ?? null,
        description: descriptionOf(input.description ?? null),
        labels: new Map(Object.entries(input.labels ?? {}).map(labelOf)),
        expiresAt: instantOf(input.expiresAt ?? null),
        expiryIsCounted: true,
        rotateEvery: input.rotateEvery === undefined ? null : parseDuration(input.rotateEvery),
        canary: input.canary === true,
        destinations: [destination],
      });
    },
    async list(query = {}) {
      requireShape(LIST, query, 'query');
      return store.listCredentials({ sort: 'name', limit: 50, ...query, now: clockOf(store).now() });
    },
    show: async (reference) => findCredential(store, checked(reference)),
    async edit(reference, changes) {
      requireShape(EDIT, changes, 'changes');
      return editCredential(deps, { reference: checked(reference), ...parsedChanges(changes) });
    },
    async activate(reference, conditions = {}) {
      requireShape(CONDITIONS, conditions, 'conditions');
      return (await setCredentialStatus(deps, checked(reference), 'active', conditions)).credential;
    },
    async deactivate(reference, conditions = {}) {
      const guard = guardOf(conditions);
      return (await setCredentialStatus(deps, checked(reference), 'inactive', guard)).credential;
    },
    async rotate(reference, destination, options = {}) {
      requireShape(DESTINATION, destination, 'destination');
      requireShape(ROTATE, options, 'options');
      return rotate(deps, {
        ...parsedRotation(options),
        reference: checked(reference),
        destinations: [destination],
      });
    },
    finishRotation: async (reference, options = {}) => finishRotation(deps, step(reference, options)),
    async abortRotation(reference, options = {}) {
      requireShape(ABORT, options, 'options');
      const { force = false, takeOver = false } = options;
      return abortRotation(deps, { reference: checked(reference), force, takeOver });
    },
    async resumeRotation(reference, options = {}) {
      requireShape(TAKE_OVER, options, 'options');
      return resumeRotation(deps, { reference: checked(reference), ...options });
    },
    delete: async (reference, conditions = {}) =>
      deleteCredential(deps, checked(reference), guardOf(conditions)),
  };
}

function guardOf(conditions: StopConditions) {
  requireShape(STOP_CONDITIONS, conditions, 'conditions');
  return parsedConditions(conditions);
}

function checked(reference: string): string {
  requireShape(REFERENCE, reference, 'reference');
  return reference;
}

function step(reference: string, options: { readonly force?: boolean }) {
  requireShape(FORCE, options, 'options');
  return { reference: checked(reference), force: options.force ?? false };
}

/** The database's clock decides about ends where there is one. */
function clockOf({ clock }: Store): Clock {
  return clock ?? systemClock;
}

function dependencies(
  store: Store,
  { actor, reason }: Author,
  { trustClock = false, onClockDoubt }: AdministratorOptions,
): Dependencies {
  return {
    store,
    clock: clockOf(store),
    random: systemRandom,
    hasher: secretHasher,
    processes: systemProcesses(),
    author: { actor: parseActor(actor), reason: reason === undefined ? null : parseReason(reason) },
    trustsClock: trustClock,
    ...(onClockDoubt === undefined ? {} : { onClockDoubt }),
  };
}
