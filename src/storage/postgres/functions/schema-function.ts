/**
 * A function of the schema: what a login does by it with the rights of the store's owner, since it has none of its own. It
 * names everything in its body by its schema.
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

/** The database's time in a body, in whole epoch milliseconds. */
export const NOW =
  'pg_catalog.floor(extract(epoch from pg_catalog.clock_timestamp()) * 1000::numeric)::bigint';

/**
 * Refuses a transaction that sees the store as it was some time ago: what has been stopped since would go on in it, for as
 * long as it is held open.
 */
export const REQUIRE_PRESENT = `if pg_catalog.current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'this takes the isolation level read committed' using errcode = '25001';
  end if;`;

export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export const HEXADECIMAL = '0123456789abcdef';

/** The condition that a text has no other characters. A regular expression with a count costs a hundred times as much. */
export const consistsOf = (text: string, characters: string): string =>
  `pg_catalog.translate(${text}, '${characters}', '') = ''`;
