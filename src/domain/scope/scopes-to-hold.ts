import type { Catalog, CredentialType } from './catalog.js';
import { type NormalisedScopes, normaliseScopes } from './scope.js';

/** The properties of a credential that decide which scopes it may hold. */
interface Holder {
  readonly type: CredentialType;
  readonly canary?: boolean;
}

/**
 * The scopes that a credential is to hold, as {@link normaliseScopes}; a canary grants nothing and may hold none.
 *
 * @throws CredctlError `usage`
 */
export function scopesToHold(
  catalog: Catalog,
  { type, canary = false }: Holder,
  texts: readonly string[],
): NormalisedScopes {
  return canary && texts.length === 0 ? { scopes: [], notes: [] } : normaliseScopes(catalog, type, texts);
}
