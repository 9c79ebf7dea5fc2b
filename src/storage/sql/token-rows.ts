import type { AccessToken } from '../../domain/ports/store-port.js';
import { LONGEST_LIST, readTokenScopes } from '../../domain/scope/token-scopes.js';
import { isTime, time } from './rows.js';
import { selected } from './selected.js';

/** A row of `access_token`, as {@link TOKEN} selects it. */
export interface TokenRow {
  readonly id: string;
  readonly credentialId: string;
  readonly versionId: string;
  readonly digest: string;
  readonly scopes: string | null;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** The scopes of a token `t`; null where they are longer than any token's, so that these are not transferred. */
export const TOKEN_SCOPES = `case when octet_length(t.scopes) <= ${LONGEST_LIST} then t.scopes end`;

/** The selected columns of a token `t`. */
export const TOKEN = selected<TokenRow>({
  id: 't.id',
  credentialId: 't.credential_id',
  versionId: 't.version_id',
  digest: 't.digest',
  scopes: TOKEN_SCOPES,
  issuedAt: 't.issued_at',
  expiresAt: 't.expires_at',
});

/** The query for a token by its id. */
export const TOKEN_OF_ID = `select ${TOKEN.sql} from access_token t where t.id = ?`;

/**
 * Converts a row.
 *
 * @returns null for a token that no server can have issued, which is invalid
 */
export function toToken(
  { id, credentialId, versionId, digest, scopes: stored, issuedAt, expiresAt }: TokenRow,
  read: (stored: unknown) => readonly string[] | null = readTokenScopes,
): AccessToken | null {
  if (!isTime(issuedAt) || !isTime(expiresAt)) return null;
  const scopes = read(stored);
  if (scopes === null) return null;
  return {
    id,
    credentialId,
    versionId,
    digest,
    scopes,
    issuedAt: time(issuedAt),
    expiresAt: time(expiresAt),
  };
}
