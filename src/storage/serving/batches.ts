import type { Database, Statement } from 'better-sqlite3';
import type { RecordedUse } from '../../domain/serving-port.js';
import type { AccessToken } from '../../domain/store-port.js';

/** Tokens that one purge removes at most, so that nobody waits long for its transaction. */
const PURGED_AT_ONCE = 5_000;

/** The changes that a server makes by the thousand, as statements that are prepared once. */
export class Batches {
  readonly #insertToken: Statement;
  readonly #recordVersionUse: Statement;
  readonly #recordCredentialUse: Statement;
  readonly #deleteToken: Statement;
  readonly #purgeTokens: Statement;

  constructor(database: Database) {
    this.#insertToken = database.prepare(
      `insert into access_token (id, credential_id, version_id, digest, scopes, issued_at, expires_at)
        select ?, credential_id, id, ?, ?, ?, ? from version where id = ? and credential_id = ?`,
    );
    this.#recordVersionUse = database.prepare(
      `insert into version_use (version_id, first_used_at, last_used_at)
        select id, ?, ? from version where id = ?
        on conflict (version_id) do update set last_used_at = excluded.last_used_at
          where version_use.last_used_at < excluded.last_used_at`,
    );
    this.#recordCredentialUse = database.prepare(
      `update credential_use set last_used_at = ?
        where credential_id = (select credential_id from version where id = ?) and last_used_at < ?`,
    );
    this.#deleteToken = database.prepare('delete from access_token where id = ? and credential_id = ?');
    this.#purgeTokens = database.prepare(
      `delete from access_token where id in
        (select id from access_token where expires_at <= ? order by expires_at limit ${PURGED_AT_ONCE})`,
    );
  }

  /** @returns for each token whether the version that obtained it was still there */
  insertTokens(tokens: readonly AccessToken[]): readonly boolean[] {
    return tokens.map(
      ({ id, credentialId, versionId, digest, scopes, issuedAt, expiresAt }) =>
        this.#insertToken.run(
          id,
          digest,
          JSON.stringify(scopes),
          issuedAt,
          expiresAt,
          versionId,
          credentialId,
        ).changes === 1,
    );
  }

  recordUses(uses: readonly RecordedUse[]): void {
    for (const { versionId, first, last } of uses) {
      this.#recordVersionUse.run(first, last, versionId);
      this.#recordCredentialUse.run(last, versionId, last);
    }
  }

  deleteToken(tokenId: string, credentialId: string): void {
    this.#deleteToken.run(tokenId, credentialId);
  }

  /** @returns whether there may be more */
  purgeTokens(now: number): boolean {
    return this.#purgeTokens.run(now).changes === PURGED_AT_ONCE;
  }
}
