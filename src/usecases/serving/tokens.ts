import type { ServingStore } from '../../domain/ports/serving-port.js';
import type { Dependencies } from '../dependencies.js';
import { coversAll, type Principal } from './principal.js';
import { thenMaybeSync } from './then-maybe-sync.js';
import type { Verifier } from './verifier.js';

/** Built-in scope that allows introspection of all tokens. */
const INTROSPECT = 'credctl:introspect';

type TokenDependencies = { readonly store: ServingStore; readonly verifier: Verifier } & Pick<
  Dependencies,
  'clock'
>;

/**
 * Token introspection (RFC 7662) of the caller's own tokens, or of all with `credctl:introspect`. Introspecting
 * an active token counts as a use of it.
 *
 * @returns null for a token that is not active or not visible to the caller
 */
export function introspectToken(
  { verifier, clock }: TokenDependencies,
  caller: Principal,
  text: string,
  address: string,
): Principal | null | Promise<Principal | null> {
  return thenMaybeSync(verifier.tokens.inspect(text, address), (found) => {
    if (found === null) return null;
    if (found.credential.id !== caller.credential.id && !coversAll(caller, [INTROSPECT])) return null;
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
