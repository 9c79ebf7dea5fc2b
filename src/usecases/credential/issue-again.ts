import { type Credential, isExpired } from '../../domain/credential/credential.js';
import { neverReceived } from '../../domain/credential/rotation.js';
import { authenticates } from '../../domain/credential/version.js';
import { conflictError } from '../../domain/errors.js';
import { quote, shellCommand, shellWord } from '../../domain/text/quote.js';
import type { IssueInput } from './issue-input.js';

/** What is asked for, with scopes in their normal form. */
export type Asked = IssueInput & { readonly ownerId: string | null };

/**
 * Whether a create was cut off when its secret may have arrived, in a place that nothing but the person can look into.
 * Such a secret works until another has been delivered in its stead, or until it is taken back.
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
 * Such a credential is created once more by another version of it, so that it must be what is asked for: an edit would
 * change what the secret in doubt may do, and a deletion would end it, before another is in its place.
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

/** One that is counted is the same where it is as long; then that of the first secret stays. */
function isSameEnd(present: Credential, { expiresAt, expiryIsCounted = false }: Asked, now: number): boolean {
  if (isExpired(present, now)) return false;
  if (present.expiresAt === null || expiresAt === null || !expiryIsCounted) {
    return present.expiresAt === expiresAt;
  }
  return Math.abs(expiresAt - now - (present.expiresAt - present.createdAt)) < 60_000;
}
