import { type Credential, credentialStatus } from '../domain/credential.js';
import { CredctlError } from '../domain/errors.js';
import type { Destination } from '../domain/ports.js';
import type { StoreReader } from '../domain/store-port.js';
import type { Supersede } from '../domain/version.js';
import type { Dependencies } from './dependencies.js';
import { rotate } from './rotate.js';

/** As many credentials are read at a time. */
const PAGE = 200;

export interface RotateDueInput {
  /** Rotation due at or before this time, epoch milliseconds. */
  readonly dueBy: number;
  readonly supersede: Supersede;
  /** Where the new secret of a credential goes. */
  readonly destinationsFor: (credential: Credential) => readonly Destination[];
  /** Told before each rotation, and what became of it. */
  readonly onProgress: (progress: DueProgress) => void;
}

/** One step of the work; `index` counts from 1. */
export interface DueProgress {
  readonly index: number;
  readonly total: number;
  readonly name: string;
  readonly outcome: 'begun' | 'rotated' | 'failed' | 'skipped';
}

/** What became of each credential that was due. */
export interface RotatedDue {
  readonly rotated: readonly string[];
  readonly failed: readonly { readonly name: string; readonly fault: CredctlError }[];
  readonly skipped: readonly {
    readonly name: string;
    readonly reason: 'conflict' | 'not_due' | 'not_found';
  }[];
}

/** The active credentials whose policy asks for a rotation by `dueBy`, by name. */
export async function dueCredentials(
  store: StoreReader,
  dueBy: number,
  now: number,
): Promise<readonly Credential[]> {
  const due: Credential[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.listCredentials({
      now,
      dueBy,
      sort: 'name',
      limit: PAGE,
      ...(cursor === null ? {} : { cursor }),
    });
    due.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return due;
}

/**
 * Rotates every credential that is due, one at a time, and goes on after a failure. Two runs at once are safe: what
 * the other one is rotating, or has rotated, is skipped.
 *
 * @throws CredctlError only `interrupted` and `terminated`; every other failure is part of the result
 */
export async function rotateDue(deps: Dependencies, input: RotateDueInput): Promise<RotatedDue> {
  const due = await dueCredentials(deps.store, input.dueBy, deps.clock.now());
  const rotated: string[] = [];
  const failed: { name: string; fault: CredctlError }[] = [];
  const skipped: { name: string; reason: 'conflict' | 'not_due' | 'not_found' }[] = [];
  for (const [position, { id, name }] of due.entries()) {
    const tell = (outcome: DueProgress['outcome']): void =>
      input.onProgress({ index: position + 1, total: due.length, name, outcome });
    tell('begun');
    const result = await rotateIfDue(deps, input, id);
    if (result === 'rotated') rotated.push(name);
    else if (result instanceof CredctlError) failed.push({ name, fault: result });
    else skipped.push({ name, reason: result });
    tell(result === 'rotated' ? 'rotated' : result instanceof CredctlError ? 'failed' : 'skipped');
  }
  return { rotated, failed, skipped };
}

async function rotateIfDue(
  deps: Dependencies,
  input: RotateDueInput,
  id: string,
): Promise<'rotated' | 'conflict' | 'not_due' | 'not_found' | CredctlError> {
  const credential = await deps.store.findCredential(id);
  if (credential === null) return 'not_found';
  const isDue = credential.rotationDueAt !== null && credential.rotationDueAt <= input.dueBy;
  if (!isDue || credentialStatus(credential, deps.clock.now()) !== 'active') return 'not_due';
  try {
    await rotate(deps, {
      reference: id,
      supersede: input.supersede,
      ifOlderThan: null,
      destinations: input.destinationsFor(credential),
    });
    return 'rotated';
  } catch (fault) {
    if (!(fault instanceof CredctlError)) {
      return new CredctlError('unexpected', 'something went wrong that should not have', { cause: fault });
    }
    if (fault.code === 'interrupted' || fault.code === 'terminated') throw fault;
    if (fault.code === 'conflict') return 'conflict';
    return fault.code === 'not_found' ? 'not_found' : fault;
  }
}
