import type { ServingStore } from '../../domain/ports/serving-port.js';
import type { Dependencies } from '../dependencies.js';
import { coversAll, type Principal } from './principal.js';
import { thenMaybeSync } from './then-maybe-sync.js';
import type { Verifier } from './verifier.js';

/** The built-in scope that lets its holder ask about everyone's tokens. */
const INTROSPECT = 'credctl:introspect';

type TokenDependencies = { readonly store: ServingStore; readonly verifier: Verifier } & Pick<
  Dependencies,
  'clock'
>;

/**
 * What a token is good for (RFC 7662), if the caller may know: it is its own, or it holds `credctl:introspect`. An
 * active token that is asked about is used somewhere, so it counts as a use.
 *
 * @returns null for a token that is not active or not to be seen
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

/** Ends a token of the caller's own (RFC 7009). Whatever else the text is, nothing happens. */
export async function revokeToken(
  { store, verifier }: TokenDependencies,
  caller: Principal,
  text: string,
): Promise<void> {
  const token = await verifier.tokens.find(text);
  if (token?.credentialId === caller.credential.id) await store.deleteToken(token.id, caller.credential.id);
}
