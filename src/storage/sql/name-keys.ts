import type { SqlConnection } from './connection.js';

/**
 * Recomputes name keys that do not match their names. Of several rows with the same name, all but one are then
 * found by id only.
 *
 * @returns the names whose key was wrong
 */
export async function rightNameKeys(
  connection: SqlConnection,
  table: 'credential' | 'owner',
): Promise<readonly string[]> {
  const wrong = await connection.all<{ name: string }>(
    `select name from ${table} where name_key <> lower(name) order by id`,
    [],
  );
  if (wrong.length === 0) return [];
  // Two rows may have swapped keys, and the key is unique: an id serves as a free interim key.
  await connection.run(`update ${table} set name_key = id where name_key <> lower(name)`, []);
  await connection.run(
    `update ${table} set name_key = lower(name) where name_key = id
      and not exists (select 1 from ${table} other where other.name_key = lower(${table}.name))
      and id = (select min(same.id) from ${table} same where same.name_key = same.id and lower(same.name) = lower(${table}.name))`,
    [],
  );
  return wrong.map(({ name }) => name);
}
