import type { ActiveStatus } from '../../domain/credential/credential.js';
import { type Comparison, MOST_OPEN_LEAKS, type ServedVersion } from '../../domain/ports/serving-port.js';
import type { AccessToken } from '../../domain/ports/store-port.js';
import type { CredentialType } from '../../domain/scope/catalog.js';
import { readTokenScopes } from '../../domain/scope/token-scopes.js';
import type { SqlValue } from '../sql/connection.js';
import {
  useTime,
  VERSION_JOINS,
  VERSION_OF_HASH,
  VERSION_TIMES,
  type VersionTimes,
} from '../sql/credential-rows.js';
import { parseTexts, time, timeOrNull } from '../sql/rows.js';
import { selected } from '../sql/selected.js';
import { TOKEN, toToken } from '../sql/token-rows.js';
import { ScopeLists } from './scope-lists.js';

/** A version with its hash and what verification needs of its credential. */
interface ServedRow extends VersionTimes {
  readonly credentialId: string;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly clientId: string | null;
  readonly scopes: string;
  readonly expiresAt: number | null;
  readonly canary: number;
  readonly ownerName: string | null;
  readonly ownerStatus: string | null;
  readonly versionId: string;
  readonly firstUsedAt: number | null;
  readonly receivedAt: number | null;
  readonly hash: string;
}

const SERVED = selected<ServedRow>({
  credentialId: 'c.id',
  name: 'c.name',
  type: 'c.type',
  status: 'c.status',
  clientId: 'c.client_id',
  scopes: 'c.scopes',
  expiresAt: 'c.expires_at',
  canary: 'c.canary',
  ownerName: 'o.name',
  ownerStatus: 'o.status',
  versionId: 'v.id',
  ...VERSION_TIMES,
  firstUsedAt: useTime('w.first_used_at'),
  receivedAt: 'v.received_at',
  hash: 'h.hash',
});

const SERVED_JOINS = `${VERSION_OF_HASH} join credential c on c.key = v.credential_key
    left join owner o on o.id = c.owner_id ${VERSION_JOINS}`;

/** Version, credential and owner by the version's id: one query instead of three. */
export const SERVED_VERSION = `select ${SERVED.sql} from version_hash h ${SERVED_JOINS} where h.version_id = ?`;

/** Last use of a version by its id. */
export const LAST_USE = `select ${useTime('w.last_used_at')} from version_hash h ${VERSION_OF_HASH} ${VERSION_JOINS}
  where h.version_id = ?`;

/** The number of open leaks, as far as they are counted. */
export const OPEN_LEAKS = `select count(*) as n from (select 1 from leak where closed_at is null limit ${MOST_OPEN_LEAKS}) open`;

/**
 * Timing side channel: for an unknown id, the same query finds another version, the next one in the order of ids
 * (after the last, the first), which is then discarded. Both cases take the same time.
 */
export const COMPARED_VERSION = `select ${SERVED.sql} from version_hash h ${SERVED_JOINS}
  where h.version_id = coalesce(
    (select version_id from version_hash where version_id >= ? order by version_id limit 1),
    (select min(version_id) from version_hash))`;

export const NOTHING_FOUND: Comparison = { comparable: null, served: null };

/** Converts rows. Credentials and tokens with the same scopes share one list of them. */
export class ServedRows {
  readonly #scopes = new ScopeLists();

  /** Converts a row of {@link COMPARED_VERSION}, which holds another version where the id is unknown. */
  toComparison(id: string, values: readonly SqlValue[]): Comparison {
    const served = this.toServed(values);
    if (served.version.id !== id) return NOTHING_FOUND;
    const { type, clientId, canary } = served.credential;
    return { comparable: { hash: served.hash, type, clientId, canary }, served };
  }

  /** Converts a row of {@link SERVED_VERSION}. */
  toServed(values: readonly SqlValue[]): ServedVersion {
    const row = SERVED.read(values);
    const { endedAt, endedAs, ownerName } = row;
    return {
      credential: {
        id: row.credentialId,
        name: row.name,
        type: row.type as CredentialType,
        status: row.status as ActiveStatus,
        clientId: row.clientId,
        scopes: this.#scopes.of(row.scopes, readScopes),
        expiresAt: timeOrNull(row.expiresAt),
        canary: row.canary === 1,
        owner: ownerName === null ? null : { name: ownerName, status: row.ownerStatus as ActiveStatus },
      },
      version: {
        id: row.versionId,
        deliveredAt: timeOrNull(row.deliveredAt),
        lapsesAt: timeOrNull(row.lapsesAt),
        retiresAt: timeOrNull(row.retiresAt),
        revokedAt: timeOrNull(row.revokedAt),
        ended:
          endedAt === null ? null : { at: time(endedAt), as: endedAs === 'lapsed' ? 'lapsed' : 'retired' },
        firstUsedAt: timeOrNull(row.firstUsedAt),
        receivedAt: timeOrNull(row.receivedAt),
      },
      hash: row.hash,
    };
  }

  /** @returns null for a row that no server can have written as a token */
  toToken(values: readonly SqlValue[]): AccessToken | null {
    return toToken(TOKEN.read(values), (stored) =>
      typeof stored === 'string' ? this.#scopes.of(stored, readTokenScopes) : null,
    );
  }
}

function readScopes(text: string): readonly string[] {
  return parseTexts(text, 'list of scopes');
}
