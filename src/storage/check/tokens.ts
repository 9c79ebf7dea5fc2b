import type { Finding } from '../../domain/ports/store-port.js';
import { MAX_ACCESS_TOKEN_TTL } from '../../domain/scope/catalog-check.js';
import { tokenLifetime } from '../../domain/scope/scope.js';
import { readTokenScopes } from '../../domain/scope/token-scopes.js';
import { shellWord } from '../../domain/text/quote.js';
import type { SqlConnection } from '../sql/connection.js';
import { SqlReader } from '../sql/reader.js';
import { TOKEN_SCOPES } from '../sql/token-rows.js';
import { error } from './finding.js';

/** Milliseconds after a new catalog during which a server may still have used the one before. */
const TOLERATED_MS = 60_000;

const WHO = 'find out who changed the store without credctl';

interface Group {
  readonly name: string;
  readonly scopes: string | null;
  readonly lifetime: number;
  readonly is_of_this_catalog: number;
}

/**
 * Finds access tokens that no server of this program issues: of API keys, with invalid scopes, or with a longer
 * lifetime than the catalog allows. They are refused anyway, but show that the store was written to by other means.
 *
 * @param now epoch milliseconds
 */
export async function checkTokens(connection: SqlConnection, now: number): Promise<readonly Finding[]> {
  const ofKeys = await connection.all<{ name: string }>(
    `select distinct c.name from access_token t join credential c on c.id = t.credential_id
      where c.type <> 'oauth2' order by c.name limit 20`,
    [],
  );
  return [
    ...ofKeys.map(({ name }) =>
      error(
        'tokens',
        `${name} has access tokens, but is an API key and cannot get any`,
        `credctl rotate ${shellWord(name)} --now; ${WHO}`,
      ),
    ),
    ...(await withoutTimes(connection)),
    ...(await ofLists(connection, now)),
  ];
}

/** SQLite's columns accept values of any type. */
async function withoutTimes(connection: SqlConnection): Promise<readonly Finding[]> {
  const rows = await connection.all<{ name: string }>(
    `select distinct c.name from access_token t join credential c on c.id = t.credential_id
      where t.issued_at <> cast(t.issued_at as bigint) or t.expires_at <> cast(t.expires_at as bigint)
      order by c.name limit 20`,
    [],
  );
  return rows.map(({ name }) => unreadableOf({ name }, 'times'));
}

async function ofLists(connection: SqlConnection, now: number): Promise<readonly Finding[]> {
  const catalog = await new SqlReader(connection).catalog();
  const groups = await connection.all<Group>(
    `select c.name, ${TOKEN_SCOPES} as scopes, max(t.expires_at - t.issued_at) as lifetime,
        case when t.issued_at > g.updated_at + ${TOLERATED_MS} then 1 else 0 end as is_of_this_catalog
      from access_token t join credential c on c.id = t.credential_id cross join catalog g
      where t.expires_at > ? and c.type = 'oauth2'
      group by c.name, ${TOKEN_SCOPES}, case when t.issued_at > g.updated_at + ${TOLERATED_MS} then 1 else 0 end
      order by c.name`,
    [now],
  );
  const unreadable = new Map<string, Finding>();
  const longLived = new Map<string, Finding>();
  for (const group of groups) {
    const scopes = readTokenScopes(group.scopes);
    if (scopes === null) unreadable.set(group.name, unreadableOf(group, 'scopes'));
    else if (group.lifetime > tokenLifetime(catalog, scopes) * 1_000)
      longLived.set(group.name, longerLived(group));
  }
  return [...[...unreadable.values()].slice(0, 20), ...[...longLived.values()].slice(0, 20)];
}

function unreadableOf({ name }: Pick<Group, 'name'>, what: 'scopes' | 'times'): Finding {
  return error(
    'tokens',
    `the ${what} of access tokens of ${name} are not as a server writes them; such a token does not work`,
    `delete its tokens, of which clients obtain new ones, in SQL: delete from access_token where credential_id = (select id from credential where name = '${name.replaceAll("'", "''")}'); ${WHO}`,
  );
}

function longerLived({ name, lifetime, is_of_this_catalog }: Group): Finding {
  const message = `access tokens of ${name} last longer than the catalog allows`;
  if (is_of_this_catalog === 1 || lifetime > MAX_ACCESS_TOKEN_TTL * 1_000)
    return error('tokens', message, `credctl rotate ${shellWord(name)} --now; ${WHO}`);
  return {
    check: 'tokens',
    severity: 'note',
    message: `${message}, which was changed after they were issued`,
    fix: 'nothing to do: they end as early as a token issued today',
  };
}
