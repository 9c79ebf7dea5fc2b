import { EARLIER } from '../../schema/earlier.js';
import type { SqlConnection, SqlValue } from '../../sql/connection.js';
import { SCHEMA } from '../connection/pool.js';
import type { SchemaInUse } from './schema-in-use.js';

/** A table that the earlier schema lacks, or has without some columns, as a common table expression. */
interface StandIn {
  readonly mentioned: RegExp;
  readonly sql: string;
}

/**
 * NOT MATERIALIZED: the planner treats them as subqueries, which keep the indexes of their tables. The columns that are
 * there are listed, so that a table which has been migrated since has none of them twice.
 */
const STAND_INS: readonly StandIn[] = [
  ...Object.entries(EARLIER.narrower).map(([table, { has, lacks }]) =>
    standIn(table, `select ${[...has, ...nulls(lacks)].join(', ')} from ${SCHEMA}.${table}`),
  ),
  ...Object.entries(EARLIER.lacks).map(([table, columns]) =>
    standIn(table, `select ${nulls(columns).join(', ')} where false`),
  ),
];

function standIn(table: string, sql: string): StandIn {
  return { mentioned: new RegExp(`\\b${table}\\b`), sql: `${table} as not materialized (${sql})` };
}

function nulls(columns: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(columns).map(([name, type]) => `null::${type} as ${name}`);
}

/**
 * A query for the present schema as one for the earlier schema. A common table expression hides the table of its name
 * from unqualified references, in all of the query.
 *
 * @param text a SELECT that locks no rows; other statements are returned unchanged
 */
export function asPresent(text: string): string {
  const begin = /^\s*(?:(with(?:\s+recursive)?)|select)\b/i.exec(text);
  if (begin === null || /\bfor (?:update|share)\b/i.test(text)) return text;
  const needed = STAND_INS.filter(({ mentioned }) => mentioned.test(text)).map(({ sql }) => sql);
  if (needed.length === 0) return text;
  const [keyword, own] = begin;
  return own === undefined
    ? `with ${needed.join(', ')} ${text}`
    : `${own} ${needed.join(', ')}, ${text.slice(keyword.length)}`;
}

/** A connection or session whose queries are for the present schema, whichever the database has. */
export function readingAs<Connection extends SqlConnection>(
  connection: Connection,
  schema: SchemaInUse,
): Connection {
  const adapted = (text: string): string => (schema.isEarlier ? asPresent(text) : text);
  return {
    ...connection,
    all: <Row>(text: string, parameters: readonly SqlValue[]) =>
      connection.all<Row>(adapted(text), parameters),
    tuples: <Row extends readonly SqlValue[]>(text: string, parameters: readonly SqlValue[]) =>
      connection.tuples<Row>(adapted(text), parameters),
  };
}
