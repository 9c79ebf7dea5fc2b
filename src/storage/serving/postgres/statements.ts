import { CredctlError } from '../../../domain/errors.js';
import type { RecordedUse } from '../../../domain/ports/serving-port.js';
import type { AccessToken } from '../../../domain/ports/store-port.js';
import type { PostgresPool } from '../../postgres/connection/pool.js';
import type { SchemaInUse } from '../../postgres/earlier/schema-in-use.js';
import { PURGED_AT_ONCE } from '../../postgres/functions/end-tokens.js';
import { MOST_TOKENS } from '../../postgres/functions/issue-tokens.js';
import { BY_FUNCTIONS, type ServingStatements } from './serving-statements.js';
import { ON_TABLES } from './statements-on-tables.js';

/** Attempts of a statement that conflicts with the concurrent deletion of a version. */
const TRIES = 5;

/** Milliseconds: timeout of one write of tokens, which the next group waits for too. */
const TOKEN_MS = 6_000;

/** The frequent writes of a server: tokens and uses. The role `verifier` suffices, as it was granted on the schema. */
export class PostgresBatches {
  readonly #pool: PostgresPool;
  readonly #schema: SchemaInUse;

  constructor(pool: PostgresPool, schema: SchemaInUse) {
    this.#pool = pool;
    this.#schema = schema;
  }

  /** @returns for each token whether it was stored, which needs that its version still exists */
  async insertTokens(tokens: readonly AccessToken[]): Promise<readonly boolean[]> {
    const kept = new Set<string>();
    for (const part of parts(tokens)) {
      const rows = await this.#retried(({ name, issueTokens }) =>
        this.#pool.use(
          (session) =>
            session.prepared<{ id: string }>(`issue_tokens${name}`, issueTokens, [
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

  /** Rows that another session has locked for long are skipped: the next use of the version is recorded instead. */
  async recordUses(uses: readonly RecordedUse[]): Promise<void> {
    for (const part of parts(uses)) {
      await this.#retried(({ recordUses }) => this.#pool.use((session) => recordUses(session, part)));
    }
  }

  /** Deletes a token of that credential. */
  async deleteToken(tokenId: string, credentialId: string): Promise<void> {
    await this.#retried(({ name, deleteToken }) =>
      this.#pool.use((session) =>
        session.prepared(`delete_token${name}`, deleteToken, [tokenId, credentialId]),
      ),
    );
  }

  /** @returns whether there may be more expired tokens */
  async purgeTokens(): Promise<boolean> {
    const [row] = await this.#retried(({ name, purgeTokens }) =>
      this.#pool.use((session) =>
        session.prepared<{ purged: number }>(`purge_tokens${name}`, purgeTokens, []),
      ),
    );
    return row?.purged === PURGED_AT_ONCE;
  }

  /**
   * Retries on `conflict`, which only a version deleted between two steps of the statement causes, and after a
   * migration, which takes from servers the rights that the statements of the earlier schema need.
   */
  async #retried<T>(statement: (statements: ServingStatements) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const wasEarlier = this.#schema.isEarlier;
      try {
        return await statement(this.#schema.hasFunctions ? BY_FUNCTIONS : ON_TABLES);
      } catch (fault) {
        if (tries === TRIES || !(fault instanceof CredctlError)) throw fault;
        if (fault.code !== 'conflict' && !(wasEarlier && (await this.#isMigrated()))) throw fault;
      }
    }
  }

  async #isMigrated(): Promise<boolean> {
    return !(await this.#schema.ask(this.#pool.connection).catch(() => true));
  }
}

function parts<T>(list: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(list.length / MOST_TOKENS);
  return Array.from({ length: count }, (_, index) =>
    list.slice(index * MOST_TOKENS, (index + 1) * MOST_TOKENS),
  );
}
