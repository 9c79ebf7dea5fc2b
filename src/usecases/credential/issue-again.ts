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
  const differing = [
    ...(present.status === 'active' ? [] : ['and later deactivated']),
    ...differences(present, asked, now),
  ];
  if (differing.length === 0) return;
  throw conflictError(
    `an unfinished create of ${quote(name)} was begun ${differing.join(', ')}, and its secret may have been delivered`,
    `undo it first with ${shellCommand(`credctl rotate ${shellWord(name)} --abort`)}, or confirm the delivery with '--resume' and then edit the credential`,
  );
}

/** A credential to compare with; absent members are not compared. */
export type Comparable = Partial<Asked> & {
  /** Labels that must be among those of the credential, which may have others. */
  readonly someLabels?: ReadonlyMap<string, string>;
};

/**
 * What of the credential differs from what is asked for, such as `with other scopes`.
 *
 * @param now epoch milliseconds
 */
export function differences(present: Credential, asked: Comparable, now: number): readonly string[] {
  const { labels, someLabels = new Map() } = asked;
  const differs: readonly (readonly [boolean, string])[] = [
    [
      asked.type !== undefined && present.type !== asked.type,
      present.type === 'api-key' ? 'as an API key' : 'as an OAuth 2.0 client',
    ],
    [
      asked.expiresAt !== undefined && !isSameEnd(present, asked.expiresAt, asked, now),
      'with another expiry',
    ],
    [
      asked.canary !== undefined && present.canary !== asked.canary,
      present.canary ? 'as a canary' : 'not as a canary',
    ],
    [asked.scopes !== undefined && present.scopes.join(' ') !== asked.scopes.join(' '), 'with other scopes'],
    [asked.ownerId !== undefined && (present.owner?.id ?? null) !== asked.ownerId, 'with another owner'],
    [
      asked.description !== undefined && present.description !== asked.description,
      'with another description',
    ],
    [
      asked.rotateEvery !== undefined && present.rotateEvery?.ms !== asked.rotateEvery?.ms,
      'with another rotation policy',
    ],
    [
      (labels !== undefined && (present.labels.size !== labels.size || !hasLabels(present, labels))) ||
        !hasLabels(present, someLabels),
      'with other labels',
    ],
  ];
  return differs.flatMap(([is, what]) => (is ? [what] : []));
}

function hasLabels({ labels }: Credential, wanted: ReadonlyMap<string, string>): boolean {
  return [...wanted].every(([key, value]) => labels.get(key) === value);
}

/**
 * Relative expiries are equal when their lengths are, within a minute; the expiry of the first create is kept.
 */
function isSameEnd(
  present: Credential,
  expiresAt: number | null,
  { expiryIsCounted = false }: Pick<Comparable, 'expiryIsCounted'>,
  now: number,
): boolean {
  if (isExpired(present, now)) return false;
  if (present.expiresAt === null || expiresAt === null || !expiryIsCounted) {
    return present.expiresAt === expiresAt;
  }
  return Math.abs(expiresAt - now - (present.expiresAt - present.createdAt)) < 60_000;
}
