// @ts-check
/** A filled PostgreSQL database whose store is open, with a sample of what is in it. */
import pg from 'pg';
import { SAMPLED, samplePosition } from './subject.mjs';

/**
 * @param {import('./library.mjs').Library} library
 * @param {string} url for the superuser
 * @param {number} size
 * @returns {Promise<import('./subject.mjs').Subject>}
 */
export async function openDatabaseSubject({ openStoreAt, systemClock, systemRandom }, url, size) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const samples = await sample(client, size);
  const store = await openStoreAt(
    url,
    { clock: systemClock, random: systemRandom, isRunning: () => true },
    {
      whenMissing: 'refuse',
      newStore: () => Promise.reject(new TypeError('it exists')),
      onCreated: () => {},
    },
  );
  return {
    size,
    store,
    owner: (await client.query("select id from credctl.owner where name_key = 'owner-000'")).rows[0].id,
    samples,
    async execute(statements) {
      await client.query(`begin; set local search_path = credctl; ${statements}; commit`);
    },
    async tidy() {
      await client.query('vacuum (analyze)');
      await client.query('checkpoint');
    },
    async close() {
      await client.end();
      await store.close();
    },
  };
}

/**
 * @param {pg.Client} client
 * @param {number} size
 * @returns {Promise<readonly import('./subject.mjs').Sample[]>}
 */
async function sample(client, size) {
  const positions = Array.from({ length: Math.min(SAMPLED, size) }, (_, index) =>
    samplePosition(index, size),
  );
  const { rows } = await client.query(
    `select distinct on (p.position) c.name, c.id, v.id as "versionId", c.type
      from unnest($1::int[]) with ordinality as p (place, position)
        join (select key, id, name, type, row_number() over (order by id) as place from credctl.credential) c using (place)
        join credctl.version v on v.credential_key = c.key
      order by p.position, v.number desc`,
    [positions],
  );
  return rows;
}
