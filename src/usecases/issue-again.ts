import { type Credential, isExpired } from '../domain/credential.js';
import { conflictError } from '../domain/errors.js';
import { quote, shellWord } from '../domain/quote.js';
import { neverReceived } from '../domain/rotation.js';
import type { StoreTransaction } from '../domain/store-port.js';
import { authenticates } from '../domain/version.js';
import type { Dependencies } from './dependencies.js';
import { applyEdit } from './edit.js';
import type { IssueInput } from './issue.js';
import { insertNextVersion, type NextVersion } from './next-version.js';

/**
 * Whether a create was cut off when its secret may have arrived, in a place that nothing but the person can look into.
 * Such a secret works until another has been delivered in its stead, or until it is taken back.
 *
 * @param now epoch milliseconds
 */
export function isFirstInDoubt(credential: Credential, now: number): boolean {
  const { status, versions } = credential;
  return (
    status === 'active' &&
    !isExpired(credential, now) &&
    neverReceived(versions) &&
    versions.some((version) => version.lapsesAt === null && authenticates(version, now))
  );
}

/**
 * Creates such a credential once more, in transaction A: it becomes what is asked for now and gets another secret, whose
 * delivery revokes those before it. Where that delivery fails, they are as pending as they were.
 *
 * @param input with scopes in their normal form
 * @throws CredctlError `conflict` for another type, which never changes
 */
export async function issueAgain(
  deps: Dependencies,
  tx: StoreTransaction,
  present: Credential,
  input: IssueInput,
  next: Omit<NextVersion, 'supersede'>,
  now: number,
): Promise<Credential> {
  refuseOtherType(present, input);
  const { name, scopes, owner, description, labels, expiresAt, rotateEvery } = input;
  const wanted = {
    name,
    scopes: { replace: scopes },
    owner,
    description,
    labels: { set: labels, remove: [...present.labels.keys()].filter((key) => !labels.has(key)) },
    expiresAt,
    rotateEvery,
  };
  const { credential } = await applyEdit(deps, tx, present, wanted, now);
  return insertNextVersion(deps, tx, credential, { ...next, supersede: { kind: 'revoke' } }, now);
}

/** @throws CredctlError `conflict` */
export function refuseOtherType({ name, type }: Credential, input: Pick<IssueInput, 'type'>): void {
  if (type === input.type) return;
  const kind = type === 'api-key' ? 'an API key' : 'an OAuth 2.0 client';
  throw conflictError(
    `${quote(name)} was begun as ${kind}, and its secret may have been received`,
    `take that back first: credctl rotate ${shellWord(name)} --abort`,
  );
}
