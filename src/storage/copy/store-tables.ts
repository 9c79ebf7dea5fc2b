import type { TableShape } from '../../domain/ports/copy-port.js';
import { SQLITE } from '../schema/dialects.js';
import { schemaStatements } from '../schema/statements.js';
import { connect } from '../sqlite/connection.js';
import type { SqliteDatabase } from '../sqlite/driver/database.js';

/** A table as SQLite describes it: columns, primary key (column indexes), and tables that its foreign keys refer to. */
interface Described {
  readonly name: string;
  readonly columns: readonly string[];
  readonly key: readonly number[];
  readonly parents: readonly string[];
}

/**
 * The tables of a store, each after those that its foreign keys refer to. Read from the migrations, so that new
 * tables and columns are copied without being listed again.
 */
export function storeTables(): readonly TableShape[] {
  const ordered = parentsFirst(describedTables());
  return ordered.map(({ name, columns, key }) => ({ name, columns, key, dependents: below(name, ordered) }));
}

function describedTables(): readonly Described[] {
  const database = connect(':memory:');
  try {
    for (const statement of schemaStatements(SQLITE)) database.exec(statement);
    const names = database
      .prepare<[], { name: string }>(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name",
      )
      .all();
    return names.map(({ name }) => describe(database, name));
  } finally {
    database.close();
  }
}

function describe(database: SqliteDatabase, name: string): Described {
  const columns = database
    .prepare<[string], { name: string; pk: number }>('select name, pk from pragma_table_info(?) order by cid')
    .all(name);
  const key = columns
    .map(({ pk }, index) => ({ pk, index }))
    .filter(({ pk }) => pk > 0)
    .sort((one, other) => one.pk - other.pk)
    .map(({ index }) => index);
  if (key.length === 0) throw new TypeError(`the table ${name} has no primary key to order its rows by`);
  const parents = database
    .prepare<[string], { parent: string }>(
      'select distinct "table" as parent from pragma_foreign_key_list(?) order by 1',
    )
    .all(name);
  return {
    name,
    columns: columns.map((column) => column.name),
    key,
    parents: parents.map(({ parent }) => parent),
  };
}

function parentsFirst(tables: readonly Described[]): readonly Described[] {
  const ordered: Described[] = [];
  while (ordered.length < tables.length) {
    const placed = new Set(ordered.map(({ name }) => name));
    const next = tables.filter(
      ({ name, parents }) => !placed.has(name) && parents.every((parent) => placed.has(parent)),
    );
    if (next.length === 0) throw new TypeError('tables refer to each other in a circle');
    ordered.push(...next);
  }
  return ordered;
}

/** Dependents of a table, most distant first: deleting in this order violates no foreign key. */
function below(name: string, ordered: readonly Described[]): readonly string[] {
  const found = new Set([name]);
  for (const table of ordered) {
    if (table.parents.some((parent) => found.has(parent))) found.add(table.name);
  }
  found.delete(name);
  return [...found].reverse();
}
