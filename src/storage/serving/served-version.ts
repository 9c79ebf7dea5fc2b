import type { CredentialType } from '../../domain/catalog.js';
import type { ActiveStatus } from '../../domain/credential.js';
import type { ServedVersion, SoughtVersion } from '../../domain/serving-port.js';
import type { AccessToken } from '../../domain/store-port.js';
import { useTime, VERSION_JOINS, VERSION_OF_HASH } from '../credential-rows.js';
import { parseTexts, time, timeOrNull } from '../rows.js';

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

/** As {@link SERVED_TOKEN} answers. */
export type ServedTokenRow = readonly [
  id: string,
  credentialId: string,
  versionId: string,
  digest: string,
  scopes: string,
  issuedAt: number,
  expiresAt: number,
];

export const SERVED_TOKEN = `select id, credential_id, version_id, digest, scopes, issued_at, expires_at
  from access_token where id = ?`;

export const NOTHING_FOUND: SoughtVersion = { comparable: null, served: null };

/** Different sets of scopes that are kept; a store has few. */
const MOST_SETS = 1_000;

/** Reads rows. Credentials and tokens with the same scopes share one list of them. */
export class ServedRows {
  readonly #scopes = new Map<string, readonly string[]>();

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
        scopes: this.#scopesIn(scopes),
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

  toToken([id, credentialId, versionId, digest, scopes, issuedAt, expiresAt]: ServedTokenRow): AccessToken {
    return {
      id,
      credentialId,
      versionId,
      digest,
      scopes: this.#scopesIn(scopes),
      issuedAt: time(issuedAt),
      expiresAt: time(expiresAt),
    };
  }

  #scopesIn(text: string): readonly string[] {
    const known = this.#scopes.get(text);
    if (known !== undefined) return known;
    const scopes = parseTexts(text, 'list of scopes');
    if (this.#scopes.size >= MOST_SETS) this.#scopes.clear();
    this.#scopes.set(text, scopes);
    return scopes;
  }
}
