import type { SqlConnection } from './connection.js';

/**
 * Has everything be found by its own name again. What shares its name with another one is found by its id alone.
 *
 * @returns the names that were found by another text
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
  // Two may have exchanged theirs: an id is a name that nothing has.
  await connection.run(`update ${table} set name_key = id where name_key <> lower(name)`, []);
  await connection.run(
    `update ${table} set name_key = lower(name) where name_key = id
      and not exists (select 1 from ${table} other where other.name_key = lower(${table}.name))
      and id = (select min(same.id) from ${table} same where same.name_key = same.id and lower(same.name) = lower(${table}.name))`,
    [],
  );
  return wrong.map(({ name }) => name);
}
