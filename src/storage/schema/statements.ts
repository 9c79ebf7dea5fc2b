import type { Dialect } from './dialects.js';
import { MIGRATIONS } from './migrations/index.js';
import { SCHEMA_NUMBER } from './number.js';

/**
 * The statements that bring a store from one schema to another: a new one is made by those that older ones are migrated by.
 *
 * @param from 0 where there are no tables yet
 */
export function schemaStatements(dialect: Dialect, { from = 0, to = SCHEMA_NUMBER } = {}): readonly string[] {
  return MIGRATIONS.filter((migration) => migration.to > from && migration.to <= to).flatMap((migration) =>
    migration.statements(dialect),
  );
}
