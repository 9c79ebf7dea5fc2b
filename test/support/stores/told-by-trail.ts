import { differencesFromTrail } from '../../../src/domain/trail/compare.js';
import { heldAfter } from '../../../src/storage/sql/trail/held-rows.js';
import { ToldByTrail } from '../../../src/storage/sql/trail/told.js';
import { openDatabase } from '../../../src/storage/sqlite/connection.js';
import { sqliteConnection } from '../../../src/storage/sqlite/sql-connection.js';

/** Every difference of a store in a file from its trail, and whatever of its credentials the trail does not tell. */
export async function untoldByTrail(path: string): Promise<readonly string[]> {
  const database = openDatabase(path);
  try {
    const connection = sqliteConnection(database, path);
    const told = await ToldByTrail.read(connection);
    const held = await heldAfter(connection, '', 10_000);
    const derived = await told.credentials(held.map(({ id }) => id));
    return held.flatMap((credential) => {
      const must = derived.get(credential.id);
      if (must === undefined) return [`${credential.name}: nothing is told of it`];
      const differences = differencesFromTrail(credential, must).map(
        ({ what, version, held: has, told: says }) =>
          `${credential.name}, ${what} of version ${version}: ${has}, told ${says}`,
      );
      const { versions, ...properties } = must;
      const silent = [properties, ...versions.values()].flatMap((facts) =>
        Object.entries(facts)
          .filter(([field, value]) => value === undefined && field !== 'graceMs')
          .map(([field]) => `${credential.name}: ${field} is not told`),
      );
      const missing = [...versions.values()]
        .filter(({ id }) => credential.versions.every((version) => version.id !== id))
        .map(({ number }) => `${credential.name}: version ${number} is not there`);
      return [...differences, ...silent, ...missing];
    });
  } finally {
    database.close();
  }
}
