import type { Credential } from '../../../domain/credential/credential.js';
import { wasUsedAfter } from '../../../domain/credential/use.js';
import type { Store, StoreReader } from '../../../domain/ports/store-port.js';
import { pagesOfCredentials } from '../../../usecases/credential/all.js';
import type { ChangeGuard, UseGuard } from '../../../usecases/credential/guard.js';
import { type Stopping, stoppingAmong, together } from '../../../usecases/credential/stopping.js';
import type { GlobalOptions } from '../../flags/global.js';
import type { Host } from '../../host/host.js';
import { deletionLines, revokedSecretLines, stoppingLines, timeFormatOn } from '../../render/last-use.js';
import { canAsk, note } from '../../session.js';
import type { Target } from '../targets.js';

/** Where there is nothing to stop, or no output to say it on. */
export const NOTHING_STOPS: Stopping = { count: 0, latest: [] };

/** Whether warnings are shown: not of a change that will be denied. */
export function isWarned({ quiet, json }: GlobalOptions, { isReadOnly }: Pick<Store, 'isReadOnly'>): boolean {
  return !quiet && !json && isReadOnly !== true;
}

/** Whether a command asks before it goes on. */
export function asks(host: Host, globals: GlobalOptions): boolean {
  return !globals.yes && canAsk(host, globals);
}

/**
 * Says what stops: before a question whatever the flags, otherwise in a note, and only where something does.
 *
 * @param now epoch milliseconds
 */
export function tellStopping(host: Host, globals: GlobalOptions, stopping: Stopping, now: number): void {
  if (!asks(host, globals)) noteStopping(host, globals, stopping, now);
  else tellBeforeQuestion(host, globals, stoppingLines(stopping, timeFormatOn(host.err, now)));
}

/** Notes what stops, where something does. @param now epoch milliseconds */
export function noteStopping(host: Host, globals: GlobalOptions, stopping: Stopping, now: number): void {
  if (stopping.count > 0) noteLines(host, globals, stoppingLines(stopping, timeFormatOn(host.err, now)));
}

/** Says before the questions how many credentials stop, and of each what to know. @param now epoch milliseconds */
export function tellDeletion(
  host: Host,
  globals: GlobalOptions,
  credentials: readonly Credential[],
  now: number,
): void {
  const format = timeFormatOn(host.err, now);
  tellBeforeQuestion(host, globals, deletionLines(credentials, now, format));
}

/** Writes lines that belong to a question, which `--quiet` does not take away. */
export function tellBeforeQuestion(host: Host, globals: GlobalOptions, lines: readonly string[]): void {
  for (const line of lines) note(host, { ...globals, quiet: false }, line);
}

/** Notes which secrets a rotation revokes. @param now epoch milliseconds */
export function noteRevokedSecrets(
  host: Host,
  globals: GlobalOptions,
  credential: Credential,
  now: number,
): readonly string[] {
  const lines = revokedSecretLines(credential, now, timeFormatOn(host.err, now));
  noteLines(host, globals, lines);
  return lines;
}

function noteLines(host: Host, globals: GlobalOptions, lines: readonly string[]): void {
  for (const [index, line] of lines.entries()) note(host, globals, index === 0 ? `note: ${line}` : line);
}

/** The credentials of these targets, of those that exist. */
export async function credentialsOf(
  store: StoreReader,
  targets: readonly Target[],
): Promise<readonly Credential[]> {
  const found: Credential[] = [];
  for (const { reference } of targets) {
    const credential = await store.findCredential(reference);
    if (credential !== null) found.push(credential);
  }
  return found;
}

/** What stops with these owners, but for those that the guard refuses. @param now epoch milliseconds */
export async function stoppingWithOwners(
  store: StoreReader,
  targets: readonly Target[],
  guard: UseGuard,
  now: number,
): Promise<Stopping> {
  let all = NOTHING_STOPS;
  for (const { reference } of targets) {
    const owner = await store.findOwner(reference);
    if (owner === null) continue;
    const query = { now, ownerId: owner.id, status: 'active' } as const;
    const stopping = await stoppingAmong(pagesOfCredentials(store, query), now);
    if (!stopping.latest.some((credential) => isGuarded(credential, guard, now)))
      all = together(all, stopping);
  }
  return all;
}

/** Whether the guard refuses to stop it. @param now epoch milliseconds */
export function isGuarded(
  { lastUsedAt, revision }: Credential,
  { unlessUsedWithin, ifRevision = revision }: ChangeGuard,
  now: number,
): boolean {
  if (ifRevision !== revision) return true;
  return unlessUsedWithin !== undefined && wasUsedAfter({ lastUsedAt }, now - unlessUsedWithin.ms);
}
