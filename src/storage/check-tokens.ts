import type { Catalog } from '../domain/catalog.js';
import { shellWord } from '../domain/quote.js';
import { tokenLifetime } from '../domain/scope.js';
import type { Finding } from '../domain/store-port.js';
import type { SqlConnection } from './connection.js';
import { error } from './finding.js';
import { SqlReader } from './reader.js';
import { parseTexts } from './rows.js';

/** How long after a new catalog a server may have gone by the one before, in milliseconds. */
const TOLERATED_MS = 60_000;

const WHO = 'find out who wrote to the store past this program';

interface Group {
  readonly name: string;
  readonly scopes: string;
  readonly lifetime: number;
  readonly is_of_this_catalog: number;
}

/**
 * Finds access tokens that no server of this program issues: of API keys, and of a longer life than the catalog gives their
 * scopes. They are refused all the same; but somebody has written them.
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
        `there are access tokens of ${name}, which is an API key and obtains none`,
        `credctl rotate ${shellWord(name)} --now; ${WHO}`,
      ),
    ),
    ...(await longLived(connection, now)),
  ];
}

async function longLived(connection: SqlConnection, now: number): Promise<readonly Finding[]> {
  const catalog = await new SqlReader(connection).catalog();
  const groups = await connection.all<Group>(
    `select c.name, t.scopes, max(t.expires_at - t.issued_at) as lifetime,
        case when t.issued_at > g.updated_at + ${TOLERATED_MS} then 1 else 0 end as is_of_this_catalog
      from access_token t join credential c on c.id = t.credential_id cross join catalog g
      where t.expires_at > ? and c.type = 'oauth2'
      group by c.name, t.scopes, case when t.issued_at > g.updated_at + ${TOLERATED_MS} then 1 else 0 end
      order by c.name`,
    [now],
  );
  const findings = new Map<string, Finding>();
  for (const group of groups) {
    if (group.lifetime > lifetimeOf(catalog, group.scopes)) findings.set(group.name, longerLived(group));
  }
  return [...findings.values()].slice(0, 20);
}

/** Milliseconds; none where the scopes cannot be read. */
function lifetimeOf(catalog: Catalog, scopes: string): number {
  try {
    return tokenLifetime(catalog, parseTexts(scopes, 'list of scopes')) * 1_000;
  } catch {
    return 0;
  }
}

function longerLived({ name, is_of_this_catalog }: Group): Finding {
  const message = `access tokens of ${name} would live longer than the catalog allows`;
  if (is_of_this_catalog === 1)
    return error('tokens', message, `credctl rotate ${shellWord(name)} --now; ${WHO}`);
  return {
    check: 'tokens',
    severity: 'note',
    message: `${message}, which was changed after they were issued`,
    fix: 'nothing: they end when a token of today would',
  };
}
