import type { RecordedUse } from '../../../domain/ports/serving-port.js';
import type { PostgresSession } from '../../postgres/connection/pool.js';
import { recordByFunction } from '../../postgres/functions/used-versions.js';

/** The statements of a server. Each is its own transaction, so its answer is durable. */
export interface ServingStatements {
  /** Part of the names of the prepared statements. */
  readonly name: string;
  /** Inserts no token whose version may not obtain one; answers with the ids of the others. */
  readonly issueTokens: string;
  readonly deleteToken: string;
  /** Answers with a number, as `purged`. */
  readonly purgeTokens: string;
  recordUses(session: PostgresSession, uses: readonly RecordedUse[]): Promise<unknown>;
}

const ISSUE_TOKENS = `select t.id from credctl.issue_tokens($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
  $6::bigint[], $7::bigint[]) as t (id)`;

const DELETE_TOKEN = 'select credctl.delete_token($1::text, $2::text)';

const PURGE_TOKENS = 'select credctl.purge_tokens() as purged';

/** By SECURITY DEFINER functions, so that the role `verifier` needs no right to write to a table. */
export const BY_FUNCTIONS: ServingStatements = {
  name: '',
  issueTokens: ISSUE_TOKENS,
  deleteToken: DELETE_TOKEN,
  purgeTokens: PURGE_TOKENS,
  recordUses: recordByFunction,
};
