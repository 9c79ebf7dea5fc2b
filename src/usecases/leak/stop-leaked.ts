import type { ServingStore } from '../../domain/ports/serving-port.js';
import type { ChangeDependencies } from '../change.js';
import type { CheckedSecret } from '../serving/secret-checks.js';
import { deactivateLeaked } from './deactivate-leaked.js';

/** What became of a leaked secret; `none` where it had been stopped since it was found. */
export type Stopped = 'deactivated' | 'token_revoked' | 'none';

/**
 * Stops a secret that was found live: an access token by itself, since its client need not have leaked; for any other
 * the credential is deactivated. Nothing else is touched, so that what was done already is not done again.
 *
 * @param reason of the event: where it leaked
 */
export async function stopLeaked(
  deps: ChangeDependencies & { readonly store: ServingStore },
  { state, secret, credential, versionId }: CheckedSecret,
  reason: string,
): Promise<Stopped> {
  if (state !== 'live' || secret === null || credential === null || versionId === null) return 'none';
  const { store, author } = deps;
  if (secret.kind === 'tok') {
    await store.deleteToken(secret.id, credential.id);
    return 'token_revoked';
  }
  const isDone = await (store.stopForLeak === null
    ? deactivateLeaked({ ...deps, author: { ...author, reason } }, credential.id, versionId)
    : store.stopForLeak({ versionId, actor: author.actor, reason }));
  return isDone ? 'deactivated' : 'none';
}
