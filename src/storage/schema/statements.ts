import type { Dialect } from './dialects.js';
import { MIGRATIONS } from './migrations/index.js';
import { SCHEMA_NUMBER } from './number.js';

/**
 * The statements that migrate from one schema to another. A new store is created by the same migrations.
 *
 * @param from 0 where there are no tables yet
 */
export function schemaStatements(dialect: Dialect, { from = 0, to = SCHEMA_NUMBER } = {}): readonly string[] {
  return MIGRATIONS.filter((migration) => migration.to > from && migration.to <= to).flatMap((migration) =>
    migration.statements(dialect),
  );
}
