import { CredctlError } from '../../../domain/errors.js';
import type { Handle } from '../../../domain/secret/handle.js';
import type { SqlConnection } from '../connection.js';
import { VERSION_OF_HASH } from '../credential-rows.js';

/**
 * The number of the credential that a version belongs to, however long the version has ended; null where this store
 * issued no such secret, or the credential was deleted.
 */
export async function credentialOfHandle(
  connection: SqlConnection,
  { prefix, kind, id }: Handle,
): Promise<number | null> {
  const type = kind === 'key' ? 'api-key' : 'oauth2';
  const rows = await keysOf(connection, [type, prefix, id]);
  return rows[0]?.[0] ?? null;
}

type Keys = readonly (readonly [key: number])[];

/** An auditor's login may not read hashes, and versions have no index on ids: it scans them. */
async function keysOf(connection: SqlConnection, parameters: readonly string[]): Promise<Keys> {
  try {
    return await connection.tuples<readonly [number]>(
      `select c.key from version_hash h ${VERSION_OF_HASH} ${ISSUED_HERE} where h.version_id = ?`,
      parameters,
    );
  } catch (fault) {
    if (!(fault instanceof CredctlError) || fault.code !== 'denied') throw fault;
    return connection.tuples<readonly [number]>(
      `select c.key from version v ${ISSUED_HERE} where v.id = ?`,
      parameters,
    );
  }
}

const ISSUED_HERE = `join credential c on c.key = v.credential_key and c.type = ?
  join store s on s.id = 1 and s.prefix = ?`;
