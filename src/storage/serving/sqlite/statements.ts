import type { RecordedUse } from '../../../domain/ports/serving-port.js';
import type { AccessToken } from '../../../domain/ports/store-port.js';
import { LAST_TIME } from '../../schema/tables.js';
import { VERSION_OF_HASH } from '../../sql/credential-rows.js';
import { LATER_USE } from '../../sql/versions.js';
import type { SqliteDatabase, SqliteStatement } from '../../sqlite/driver/database.js';

/** Upper bound of tokens removed in one transaction, which keeps the write lock short. */
const PURGED_AT_ONCE = 5_000;

/** The frequent writes of a server (tokens and uses), as prepared statements. */
export class Batches {
  readonly #findObtainer: SqliteStatement;
  readonly #insertToken: SqliteStatement;
  readonly #recordVersionUse: SqliteStatement;
  readonly #recordCredentialUse: SqliteStatement;
  readonly #deleteToken: SqliteStatement;
  readonly #purgeTokens: SqliteStatement;
  readonly #countChange: SqliteStatement;

  constructor(database: SqliteDatabase) {
    this.#findObtainer = database.prepare(
      `select 1 from version_hash h ${VERSION_OF_HASH} join credential c on c.key = v.credential_key
        where h.version_id = ? and c.id = ?`,
    );
    this.#insertToken = database.prepare(
      `insert into access_token (id, credential_id, version_id, digest, scopes, issued_at, expires_at)
        values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    );
    this.#recordVersionUse = database.prepare(
      `insert into last_use (credential_key, number, first_used_at, last_used_at, last_used_from)
        select credential_key, number, ?, ?, ? from version_hash where version_id = ?
        on conflict (credential_key, number) do update
          set ${LATER_USE}`,
    );
    this.#recordCredentialUse = database.prepare(
      `update last_use set last_used_at = ?, last_used_from = ?
        where credential_key = (select credential_key from version_hash where version_id = ?)
          and number = 0 and (last_used_at < ? or last_used_at > ${LAST_TIME})`,
    );
    this.#deleteToken = database.prepare('delete from access_token where id = ? and credential_id = ?');
    this.#purgeTokens = database.prepare(
      `delete from access_token where id in
        (select id from access_token where expires_at <= ? order by expires_at limit ${PURGED_AT_ONCE})`,
    );
    this.#countChange = database.prepare('update generation set value = value + 1');
  }

  /** @returns for each token whether it was stored: its version exists, and its id was free */
  insertTokens(tokens: readonly AccessToken[]): readonly boolean[] {
    const obtainers = new Map<string, boolean>();
    return tokens.map(({ id, credentialId, versionId, digest, scopes, issuedAt, expiresAt }) => {
      const obtainer = `${versionId} ${credentialId}`;
      const isThere =
        obtainers.get(obtainer) ?? this.#findObtainer.get(versionId, credentialId) !== undefined;
      obtainers.set(obtainer, isThere);
      if (!isThere) return false;
      const scopeList = JSON.stringify(scopes);
      return (
        this.#insertToken.run(id, credentialId, versionId, digest, scopeList, issuedAt, expiresAt).changes > 0
      );
    });
  }

  recordUses(uses: readonly RecordedUse[]): void {
    for (const { versionId, first, last, from } of uses) {
      this.#recordVersionUse.run(first, last, from, versionId);
      this.#recordCredentialUse.run(last, from, versionId, last);
    }
  }

  deleteToken(tokenId: string, credentialId: string): void {
    this.#deleteToken.run(tokenId, credentialId);
  }

  /** @returns whether there may be more expired tokens */
  purgeTokens(now: number): boolean {
    return this.#purgeTokens.run(now).changes === PURGED_AT_ONCE;
  }

  /** Writes the generation counter; the only effect is that caches are refreshed. */
  proveWritable(): void {
    this.#countChange.run();
  }
}
