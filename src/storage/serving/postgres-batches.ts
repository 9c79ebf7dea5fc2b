import { CredctlError } from '../../domain/errors.js';
import type { RecordedUse } from '../../domain/serving-port.js';
import type { AccessToken } from '../../domain/store-port.js';
import { VERSION_OF_HASH } from '../credential-rows.js';
import type { PostgresPool } from '../postgres-pool.js';

/** Rows that one statement changes at most, so that nobody waits long for it. */
const AT_ONCE = 5_000;

/** How often a statement is tried that met a version which was deleted at the same moment. */
const TRIES = 5;

/** How long that may take: those who ask meanwhile wait for it before they wait for their own. */
const TOKEN_MS = 6_000;

/** A version that is gone obtains nothing. Each statement is a transaction: what it answers is on the disk. */
const INSERT_TOKENS = `insert into access_token (id, credential_id, version_id, digest, scopes, issued_at, expires_at)
  select t.id, c.id, v.id, t.digest, t.scopes, t.issued_at, t.expires_at
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
        as t (id, credential_id, version_id, digest, scopes, issued_at, expires_at)
      join version_hash h on h.version_id = t.version_id ${VERSION_OF_HASH}
      join credential c on c.key = v.credential_key and c.id = t.credential_id
  on conflict do nothing returning id`;

/** In one order by all servers, so that none waits for another one that waits for it. */
const RECORD_VERSION_USES = `insert into last_use (credential_key, number, first_used_at, last_used_at, last_used_from)
  select h.credential_key, h.number, u.first, u.last, u.address
    from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[]) as u (id, first, last, address)
      join version_hash h on h.version_id = u.id order by h.credential_key, h.number
  on conflict (credential_key, number) do update
    set last_used_at = excluded.last_used_at, last_used_from = excluded.last_used_from
    where last_use.last_used_at < excluded.last_used_at`;

const RECORD_CREDENTIAL_USES = `update last_use as u set last_used_at = latest.last, last_used_from = latest.address
  from (select c.credential_key, used.last, used.address
    from last_use c join (
      select distinct on (h.credential_key) h.credential_key, t.last, t.address
        from unnest($1::text[], $2::bigint[], $3::text[]) as t (id, last, address)
          join version_hash h on h.version_id = t.id
        order by h.credential_key, t.last desc
    ) as used on used.credential_key = c.credential_key
    where c.number = 0 and c.last_used_at < used.last order by c.credential_key for update of c) as latest
  where u.credential_key = latest.credential_key and u.number = 0 and u.last_used_at < latest.last`;

const DELETE_TOKEN = 'delete from access_token where id = $1 and credential_id = $2';

const PURGE_TOKENS = `delete from access_token where id in
    (select id from access_token where expires_at <= $1 order by expires_at limit ${AT_ONCE})
  returning id`;

/** The changes that a server makes by the thousand. The role `verifier` may make all of them. */
export class PostgresBatches {
  readonly #pool: PostgresPool;

  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }

  /** @returns for each token whether the version that obtained it was still there */
  async insertTokens(tokens: readonly AccessToken[]): Promise<readonly boolean[]> {
    const kept = new Set<string>();
    for (const part of parts(tokens)) {
      const rows = await this.#retried(() =>
        this.#pool.use(
          (session) =>
            session.prepared<{ id: string }>('insert_tokens', INSERT_TOKENS, [
              part.map(({ id }) => id),
              part.map(({ credentialId }) => credentialId),
              part.map(({ versionId }) => versionId),
              part.map(({ digest }) => digest),
              part.map(({ scopes }) => JSON.stringify(scopes)),
              part.map(({ issuedAt }) => issuedAt),
              part.map(({ expiresAt }) => expiresAt),
            ]),
          TOKEN_MS,
        ),
      );
      for (const { id } of rows) kept.add(id);
    }
    return tokens.map(({ id }) => kept.has(id));
  }

  async recordUses(uses: readonly RecordedUse[]): Promise<void> {
    for (const part of parts(uses)) {
      const ids = part.map(({ versionId }) => versionId);
      const [first, last] = [part.map((use) => use.first), part.map((use) => use.last)];
      const from = part.map((use) => use.from);
      await this.#retried(() =>
        this.#pool.use(async (session) => {
          await session.prepared('version_uses', RECORD_VERSION_USES, [ids, first, last, from]);
          await session.prepared('credential_uses', RECORD_CREDENTIAL_USES, [ids, last, from]);
        }),
      );
    }
  }

  async deleteToken(tokenId: string, credentialId: string): Promise<void> {
    await this.#pool.use((session) =>
      session.prepared('delete_token', DELETE_TOKEN, [tokenId, credentialId]),
    );
  }

  /** @returns whether there may be more */
  async purgeTokens(now: number): Promise<boolean> {
    const purged = await this.#pool.use((session) => session.prepared('purge_tokens', PURGE_TOKENS, [now]));
    return purged.length === AT_ONCE;
  }

  /** Only a version that goes away between two steps of one statement is in conflict with it. */
  async #retried<T>(statement: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await statement();
      } catch (fault) {
        if (tries === TRIES || !(fault instanceof CredctlError) || fault.code !== 'conflict') throw fault;
      }
    }
  }
}

function parts<T>(list: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(list.length / AT_ONCE);
  return Array.from({ length: count }, (_, index) => list.slice(index * AT_ONCE, (index + 1) * AT_ONCE));
}
