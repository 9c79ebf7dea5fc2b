import type { Finding } from '../../domain/ports/store-port.js';
import { quote } from '../../domain/text/quote.js';
import { error } from '../check/finding.js';
import { firstRow, type SqlConnection } from '../sql/connection.js';
import { SCHEMA } from './connection/pool.js';
import { TEXT_INDEX, type Trigrams, textIndexIn, trigrams } from './schema/text-index.js';

/** Findings on the trigram index for searches and on the extension pg_trgm that it needs. */
export async function searchFindings(connection: SqlConnection): Promise<readonly Finding[]> {
  const extension = await trigrams(connection);
  const found = await firstRow(
    connection,
    'select 1 from pg_catalog.pg_class where oid = pg_catalog.to_regclass(?)::oid',
    [`${SCHEMA}.${TEXT_INDEX}`],
  );
  if (extension?.distrusted != null) return found === null ? [untrusted(extension)] : [carried(extension)];
  return [
    ...(found === null ? [missing(extension)] : []),
    ...(extension?.name === SCHEMA ? [misplaced()] : []),
  ];
}

function missing(extension: Trigrams | null): Finding {
  const make = extension === null ? 'create extension pg_trgm schema public; ' : '';
  return note(
    'searches are slow: there is no index for them',
    `as the owner of the store, run: ${make}${textIndexIn(extension?.name ?? 'public').replace(/\s+/g, ' ')}`,
  );
}

function misplaced(): Finding {
  return note(
    `the extension pg_trgm is in the schema ${SCHEMA}, where no application of the database finds it`,
    'as a superuser, run: alter extension pg_trgm set schema public',
  );
}

function untrusted({ distrusted }: Trigrams): Finding {
  return note(
    `searches are slow: there is no index for them, because ${quote(distrusted ?? '')} owns the extension pg_trgm and could lock the store by dropping it`,
    'have a superuser drop the extension and make it again, in a schema of the owner of the database; the next check says how the index is made',
  );
}

function carried({ distrusted }: Trigrams): Finding {
  return error(
    'search',
    `the index for searches depends on the extension pg_trgm of ${quote(distrusted ?? '')}, who can lock the store by dropping it`,
    `as the owner of the store, run: drop index ${SCHEMA}.${TEXT_INDEX}; then have a superuser drop the extension and make it again`,
  );
}

function note(message: string, fix: string): Finding {
  return { check: 'search', severity: 'note', message, fix };
}
