/**
 * A SECURITY DEFINER function of the schema, by which a login writes without rights on the tables. Its body
 * qualifies every name with its schema.
 */
export interface SchemaFunction {
  readonly name: string;
  /** As `pg_get_function_arguments` writes them, without defaults: `ids text[], at bigint`. */
  readonly arguments: string;
  /** As `pg_get_function_result` writes it: `void`, `SETOF text`, `TABLE(id text, kept boolean)`. */
  readonly returns: string;
  readonly language: 'plpgsql' | 'sql';
  readonly volatility: 'volatile' | 'stable';
  readonly body: string;
}

/** The database's clock in a body, in whole epoch milliseconds. */
export const NOW =
  'pg_catalog.floor(extract(epoch from pg_catalog.clock_timestamp()) * 1000::numeric)::bigint';

/**
 * Requires READ COMMITTED: an older snapshot would still show as valid what has been revoked since, for as long as
 * the transaction stays open.
 */
export const REQUIRE_PRESENT = `if pg_catalog.current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'this takes the isolation level read committed' using errcode = '25001';
  end if;`;

export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export const HEXADECIMAL = '0123456789abcdef';

/**
 * Condition that a text consists of these characters alone. A regular expression with repetition counts costs a
 * hundred times as much.
 */
export const consistsOf = (text: string, characters: string): string =>
  `pg_catalog.translate(${text}, '${characters}', '') = ''`;
