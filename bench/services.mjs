// @ts-check
/**
 * The part `services`: what the statements of a server cost a PostgreSQL database, for bench/README.md.
 */
import { startFilledServer } from './filled-database.mjs';
import { loadLibrary } from './library.mjs';
import { measured } from './service-costs.mjs';
import { connected, drawer, groupCommit } from './service-statements.mjs';

/** Credentials in the database. */
const SIZE = 1_000_000;

/**
 * @param {{ readonly rounds: number }} settings
 * @returns {Promise<import('./report.mjs').Part>}
 */
export async function measure({ rounds }) {
  const library = await loadLibrary();
  const { server, urlOf } = await startFilledServer(library, [SIZE]);
  try {
    const session = await connected(urlOf(SIZE));
    const found = await measured(session, rounds);
    const sizes = await sizesOf(session);
    await session.client.query('truncate access_token');
    await session.client.end();
    const line = ([name, value]) => `${name}: ${value}`;
    return {
      name: 'services',
      rows: [],
      notes: [
        ...Object.entries(found).map(([name, value]) => line([name, `${(value * 1_000).toFixed(1)} µs`])),
        ...Object.entries(sizes).map(line),
      ],
    };
  } finally {
    await server.stop();
  }
}

/** @param {import('./service-statements.mjs').Session} session */
async function sizesOf({ client, handles }) {
  const draw = drawer(handles);
  const at = Date.now();
  await client.query('truncate access_token');
  await client.query('checkpoint');
  const position = async () =>
    Number((await client.query("select pg_current_wal_lsn() - '0/0' as at")).rows[0].at);
  // Every page is written out once after a checkpoint; what counts is what comes after.
  for (let time = 0; time < 100; time += 1) await client.query(groupCommit(draw(200), at));
  const before = await position();
  for (let time = 0; time < 100; time += 1) await client.query(groupCommit(draw(50), at));
  const bytes = (await position()) - before;
  const size = async (/** @type {string} */ tables) =>
    Number(
      (
        await client.query(
          `select sum(pg_total_relation_size(c.oid)) as size from pg_class c
            where c.relnamespace = 'credctl'::regnamespace and c.relkind = 'r' and c.relname ${tables}`,
        )
      ).rows[0].size,
    );
  const mib = (/** @type {number} */ value) => `${(value / 2 ** 20).toFixed(0)} MiB`;
  return {
    'log of a token, in groups of 50': `${(bytes / 5_000).toFixed(0)} bytes`,
    'disk of a million tokens': mib(((await size("= 'access_token'")) / 25_000) * 1e6),
    'disk of a million credentials': mib(await size("not in ('access_token', 'audit_event')")),
    'disk of their audit events': mib(await size("= 'audit_event'")),
    'disk of the index for searches': mib(
      Number(
        (
          await client.query(
            "select coalesce(pg_relation_size(to_regclass('credential_by_text')), 0) as size",
          )
        ).rows[0].size,
      ),
    ),
  };
}
