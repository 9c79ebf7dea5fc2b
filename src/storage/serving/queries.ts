import type { ActiveStatus } from '../../domain/credential/credential.js';
import type { ServedVersion, SoughtVersion } from '../../domain/ports/serving-port.js';
import type { AccessToken } from '../../domain/ports/store-port.js';
import type { CredentialType } from '../../domain/scope/catalog.js';
import { readTokenScopes } from '../../domain/scope/token-scopes.js';
import { useTime, VERSION_JOINS, VERSION_OF_HASH } from '../sql/credential-rows.js';
import { parseTexts, time, timeOrNull } from '../sql/rows.js';
import { type TokenRow, toToken } from '../sql/token-rows.js';
import { ScopeLists } from './scope-lists.js';

/** As {@link SERVED_VERSION} answers. */
export type ServedRow = readonly [
  credentialId: string,
  name: string,
  type: string,
  status: string,
  clientId: string | null,
  scopes: string,
  expiresAt: number | null,
  ownerName: string | null,
  ownerStatus: string | null,
  versionId: string,
  deliveredAt: number | null,
  lapsesAt: number | null,
  retiresAt: number | null,
  revokedAt: number | null,
  endedAt: number | null,
  endedAs: string | null,
  firstUsedAt: number | null,
  receivedAt: number | null,
  hash: string,
];

const SERVED_COLUMNS = `c.id, c.name, c.type, c.status, c.client_id, c.scopes, c.expires_at, o.name, o.status,
    v.id, v.delivered_at, v.lapses_at, v.retires_at, v.revoked_at, v.ended_at, v.ended_as, ${useTime('w.first_used_at')},
    v.received_at, h.hash`;

const SERVED_JOINS = `${VERSION_OF_HASH} join credential c on c.key = v.credential_key
    left join owner o on o.id = c.owner_id ${VERSION_JOINS}`;

/** One look-up for what takes three where everything about a credential is wanted. */
export const SERVED_VERSION = `select ${SERVED_COLUMNS} from version_hash h ${SERVED_JOINS} where h.version_id = ?`;

/**
 * The version of an id, or, where nothing has that id, the one that comes next in the order of ids, after the
 * last the first: to find another one takes as long as to find the right one.
 */
export const SOUGHT_VERSION = `select ${SERVED_COLUMNS} from version_hash h ${SERVED_JOINS}
  where h.version_id = coalesce(
    (select version_id from version_hash where version_id >= ? order by version_id limit 1),
    (select min(version_id) from version_hash))`;

export const NOTHING_FOUND: SoughtVersion = { comparable: null, served: null };

/** Reads rows. Credentials and tokens with the same scopes share one list of them. */
export class ServedRows {
  readonly #scopes = new ScopeLists();

  /** What {@link SOUGHT_VERSION} found for an id. */
  toSought(id: string, row: ServedRow): SoughtVersion {
    const served = this.toServed(row);
    if (served.version.id !== id) return NOTHING_FOUND;
    const { type, clientId } = served.credential;
    return { comparable: { hash: served.hash, type, clientId }, served };
  }

  toServed(row: ServedRow): ServedVersion {
    const [id, name, type, status, clientId, scopes, expiresAt, ownerName, ownerStatus, ...version] = row;
    const [
      versionId,
      deliveredAt,
      lapsesAt,
      retiresAt,
      revokedAt,
      endedAt,
      endedAs,
      firstUsedAt,
      receivedAt,
      hash,
    ] = version;
    return {
      credential: {
        id,
        name,
        type: type as CredentialType,
        status: status as ActiveStatus,
        clientId,
        scopes: this.#scopes.of(scopes, readScopes),
        expiresAt: timeOrNull(expiresAt),
        owner: ownerName === null ? null : { name: ownerName, status: ownerStatus as ActiveStatus },
      },
      version: {
        id: versionId,
        deliveredAt: timeOrNull(deliveredAt),
        lapsesAt: timeOrNull(lapsesAt),
        retiresAt: timeOrNull(retiresAt),
        revokedAt: timeOrNull(revokedAt),
        ended:
          endedAt === null ? null : { at: time(endedAt), as: endedAs === 'lapsed' ? 'lapsed' : 'retired' },
        firstUsedAt: timeOrNull(firstUsedAt),
        receivedAt: timeOrNull(receivedAt),
      },
      hash,
    };
  }

  /** @returns null for a token that no server can have issued */
  toToken(row: TokenRow): AccessToken | null {
    return toToken(row, (stored) =>
      typeof stored === 'string' ? this.#scopes.of(stored, readTokenScopes) : null,
    );
  }
}

function readScopes(text: string): readonly string[] {
  return parseTexts(text, 'list of scopes');
}
