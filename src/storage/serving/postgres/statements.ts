import { CredctlError } from '../../../domain/errors.js';
import type { LeakedVersion, RecordedUse } from '../../../domain/ports/serving-port.js';
import type { AccessToken } from '../../../domain/ports/store-port.js';
import type { PostgresPool } from '../../postgres/connection/pool.js';
import { PURGED_AT_ONCE } from '../../postgres/functions/end-tokens.js';
import { MOST_TOKENS } from '../../postgres/functions/issue-tokens.js';
import { recordByFunction } from '../../postgres/functions/used-versions.js';

const ISSUE_TOKENS = `select t.id from credctl.issue_tokens($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
  $6::bigint[], $7::bigint[]) as t (id)`;

const DELETE_TOKEN = 'select credctl.delete_token($1::text, $2::text)';

const PURGE_TOKENS = 'select credctl.purge_tokens() as purged';

const STOP_FOR_LEAK = 'select credctl.stop_for_leak($1::text, $2::text, $3::text)::text as stopped';

/** Attempts of a statement that conflicts with the concurrent deletion of a version. */
const TRIES = 5;

/** Milliseconds: timeout of one write of tokens, which the next group waits for too. */
const TOKEN_MS = 6_000;

/**
 * The frequent writes of a server: tokens and uses, by SECURITY DEFINER functions, so that the role `verifier` needs no
 * right to write to a table. Each is its own transaction, so its answer is durable.
 */
export class PostgresBatches {
  readonly #pool: PostgresPool;

  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }

  /** @returns for each token whether it was stored, which needs that its version still exists */
  async insertTokens(tokens: readonly AccessToken[]): Promise<readonly boolean[]> {
    const kept = new Set<string>();
    for (const part of parts(tokens)) {
      const rows = await retried(() =>
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

  /** Rows that another session has locked for long are skipped: the next use of the version is recorded instead. */
  async recordUses(uses: readonly RecordedUse[]): Promise<void> {
    for (const part of parts(uses)) {
      await retried(() => this.#pool.use((session) => recordByFunction(session, part)));
    }
  }

  /** Deletes a token of that credential. */
  async deleteToken(tokenId: string, credentialId: string): Promise<void> {
    await retried(() =>
      this.#pool.use((session) => session.prepared('delete_token', DELETE_TOKEN, [tokenId, credentialId])),
    );
  }

  /** @returns whether the credential was active, with a version that works */
  async stopForLeak({ versionId, actor, reason }: LeakedVersion): Promise<boolean> {
    const [row] = await this.#pool.use((session) =>
      session.prepared<{ stopped: string }>('stop_for_leak', STOP_FOR_LEAK, [versionId, actor, reason]),
    );
    return row?.stopped === 'true';
  }

  /** @returns whether there may be more expired tokens */
  async purgeTokens(): Promise<boolean> {
    const [row] = await retried(() =>
      this.#pool.use((session) => session.prepared<{ purged: number }>('purge_tokens', PURGE_TOKENS, [])),
    );
    return row?.purged === PURGED_AT_ONCE;
  }
}

/** Retries on `conflict`, which only a version deleted between two steps of the statement causes. */
async function retried<T>(statement: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await statement();
    } catch (fault) {
      if (tries === TRIES || !(fault instanceof CredctlError) || fault.code !== 'conflict') throw fault;
    }
  }
}

function parts<T>(list: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(list.length / MOST_TOKENS);
  return Array.from({ length: count }, (_, index) =>
    list.slice(index * MOST_TOKENS, (index + 1) * MOST_TOKENS),
  );
}
