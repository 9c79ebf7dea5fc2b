import { type Credential, isExpired } from '../../domain/credential/credential.js';
import { neverReceived } from '../../domain/credential/rotation.js';
import { authenticates } from '../../domain/credential/version.js';
import { conflictError } from '../../domain/errors.js';
import { quote, shellCommand, shellWord } from '../../domain/text/quote.js';
import type { IssueInput } from './issue-input.js';

/** The requested credential, with normalised scopes. */
export type Asked = IssueInput & { readonly ownerId: string | null };

/**
 * Whether the first delivery was interrupted after the secret may have reached a destination that the program
 * cannot inspect. Such a secret works until another one is delivered or until it is revoked.
 *
 * @param now epoch milliseconds
 */
export function isFirstInDoubt({ versions }: Credential, now: number): boolean {
  return (
    neverReceived(versions) &&
    versions.some((version) => version.lapsesAt === null && authenticates(version, now))
  );
}

/**
 * Refuses a repeated create that differs from the credential in doubt. A repetition adds a version to it; an
 * edit would change what the secret in doubt may do, and a deletion would end it, before another one is
 * delivered.
 *
 * @param now epoch milliseconds
 * @throws CredctlError `conflict` that names what differs
 */
export function refuseOther(present: Credential, asked: Asked, now: number): void {
  const { name } = present;
  const differs = difference(present, asked, now);
  if (differs === null) return;
  throw conflictError(
    `${quote(name)} was begun ${differs}, and its secret may have been received`,
    `take it back first with ${shellCommand(`credctl rotate ${shellWord(name)} --abort`)}, or confirm it with '--resume' and edit it`,
  );
}

function difference(present: Credential, asked: Asked, now: number): string | null {
  if (present.status !== 'active') return 'and deactivated since';
  if (present.type !== asked.type)
    return present.type === 'api-key' ? 'as an API key' : 'as an OAuth 2.0 client';
  if (!isSameEnd(present, asked, now)) return 'with another expiry';
  if (present.scopes.join(' ') !== asked.scopes.join(' ')) return 'with other scopes';
  if ((present.owner?.id ?? null) !== asked.ownerId) return 'with another owner';
  if (present.description !== asked.description) return 'with another description';
  if (present.rotateEvery?.text !== asked.rotateEvery?.text) return 'with another rotation policy';
  const { labels } = present;
  const isSame =
    labels.size === asked.labels.size && [...labels].every(([key, value]) => asked.labels.get(key) === value);
  return isSame ? null : 'with other labels';
}

/**
 * Relative expiries are equal when their lengths are, within a minute; the expiry of the first create is kept.
 */
function isSameEnd(present: Credential, { expiresAt, expiryIsCounted = false }: Asked, now: number): boolean {
  if (isExpired(present, now)) return false;
  if (present.expiresAt === null || expiresAt === null || !expiryIsCounted) {
    return present.expiresAt === expiresAt;
  }
  return Math.abs(expiresAt - now - (present.expiresAt - present.createdAt)) < 60_000;
}
