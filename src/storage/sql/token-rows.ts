import type { AccessToken } from '../../domain/ports/store-port.js';
import { LONGEST_LIST, readTokenScopes } from '../../domain/scope/token-scopes.js';
import { isTime, time } from './rows.js';

/** As {@link tokenColumns} are read. */
export type TokenRow = readonly [
  id: string,
  credentialId: string,
  versionId: string,
  digest: string,
  scopes: string | null,
  issuedAt: number,
  expiresAt: number,
];

/** The scopes of a token `t`, or null where they are longer than any token has: those are not even sent. */
export const TOKEN_SCOPES = `case when octet_length(t.scopes) <= ${LONGEST_LIST} then t.scopes end`;

/** What is read of a token `t`. */
export const TOKEN_COLUMNS = `t.id, t.credential_id, t.version_id, t.digest, ${TOKEN_SCOPES}, t.issued_at, t.expires_at`;

export const TOKEN_OF_ID = `select ${TOKEN_COLUMNS} from access_token t where t.id = ?`;

/**
 * Reads a token.
 *
 * @returns null for one that no server can have issued, which counts for nothing
 */
export function toToken(
  [id, credentialId, versionId, digest, stored, issuedAt, expiresAt]: TokenRow,
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
