import type { ServingStore } from '../../domain/ports/serving-port.js';
import { parseSecret } from '../../domain/secret/secret-format.js';
import type { Dependencies } from '../dependencies.js';
import { type Accepted, coversAll, type Principal, type Throttled } from './principal.js';
import { thenMaybeSync } from './then-maybe-sync.js';
import type { Verifier } from './verifier.js';

/** Built-in scope that allows introspection of all tokens and of API keys. */
export const INTROSPECT = 'credctl:introspect';

type TokenDependencies = { readonly store: ServingStore; readonly verifier: Verifier } & Pick<
  Dependencies,
  'clock'
>;

const API_KEYS = ['key'] as const;

/** Whether the principal may introspect all tokens, and API keys. */
export function introspectsAll(caller: Principal): boolean {
  return coversAll(caller, [INTROSPECT]);
}

/**
 * Introspection (RFC 7662) of the caller's own access tokens, or of all and of API keys with
 * `credctl:introspect`. An active one counts as a use, without an address. API keys are throttled as those that are
 * presented, since they could be guessed here as well.
 *
 * @param address of the client that presented the secret to the caller; empty where it is not known
 * @returns the principal, the throttle's denial, or null for what is not active or not visible to the caller
 */
export function introspectToken(
  { verifier, clock }: TokenDependencies,
  caller: Principal,
  text: string,
  address: string,
): Accepted | Throttled | null | Promise<Accepted | Throttled | null> {
  if (parseSecret(text)?.kind === 'key') {
    // Before any work: how long the answer takes tells nothing about the key to a caller that may not see it.
    if (!introspectsAll(caller)) return null;
    const presented = { secret: text, kinds: API_KEYS, clientId: null, address, isAskedAbout: true };
    return thenMaybeSync(verifier.verify(presented), (answer) => {
      if (answer.accepted) return answer;
      return answer.reason === 'throttled' ? answer : null;
    });
  }
  return thenMaybeSync(verifier.tokens.inspect(text, address), (found) => {
    if (found === null) return null;
    if (found.credential.id !== caller.credential.id && !introspectsAll(caller)) return null;
    verifier.uses.note(found.version.id, clock.now(), null);
    return found;
  });
}

/** Token revocation (RFC 7009) of the caller's own tokens; a no-op for any other text. */
export async function revokeToken(
  { store, verifier }: TokenDependencies,
  caller: Principal,
  text: string,
): Promise<void> {
  const token = await verifier.tokens.find(text);
  if (token?.credentialId === caller.credential.id) await store.deleteToken(token.id, caller.credential.id);
}
