import { CredctlError } from '../../../domain/errors.js';
import type { RecordedUse } from '../../../domain/ports/serving-port.js';
import type { AccessToken } from '../../../domain/ports/store-port.js';
import type { PostgresPool } from '../../postgres/connection/pool.js';
import { PURGED_AT_ONCE } from '../../postgres/functions/end-tokens.js';
import { MOST_TOKENS } from '../../postgres/functions/issue-tokens.js';
import { recordByFunction } from '../../postgres/functions/used-versions.js';

/** How often a statement is tried that met a version which was deleted at the same moment. */
const TRIES = 5;

/** How long that may take: those who ask meanwhile wait for it before they wait for their own. */
const TOKEN_MS = 6_000;

/** What may obtain no token obtains none. Each statement is a transaction: what it answers is on the disk. */
const ISSUE_TOKENS = `select t.id from credctl.issue_tokens($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
  $6::bigint[], $7::bigint[]) as t (id)`;

const DELETE_TOKEN = 'select credctl.delete_token($1::text, $2::text)';

const PURGE_TOKENS = 'select credctl.purge_tokens() as purged';

/** The changes that a server makes by the thousand. The role `verifier` may make all of them, by functions alone. */
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
            session.prepared<{ id: string }>('issue_tokens', ISSUE_TOKENS, [
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

  /** What another session holds for long is left out: the next use is recorded all the same. */
  async recordUses(uses: readonly RecordedUse[]): Promise<void> {
    for (const part of parts(uses)) {
      await this.#retried(() => this.#pool.use((session) => recordByFunction(session, part)));
    }
  }

  async deleteToken(tokenId: string, credentialId: string): Promise<void> {
    await this.#pool.use((session) =>
      session.prepared('delete_token', DELETE_TOKEN, [tokenId, credentialId]),
    );
  }

  /** @returns whether there may be more */
  async purgeTokens(): Promise<boolean> {
    const [row] = await this.#pool.use((session) =>
      session.prepared<{ purged: number }>('purge_tokens', PURGE_TOKENS, []),
    );
    return row?.purged === PURGED_AT_ONCE;
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
  const count = Math.ceil(list.length / MOST_TOKENS);
  return Array.from({ length: count }, (_, index) =>
    list.slice(index * MOST_TOKENS, (index + 1) * MOST_TOKENS),
  );
}
