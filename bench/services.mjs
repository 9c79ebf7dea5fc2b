// @ts-check
/**
 * The part `services`: what the statements of a server cost a PostgreSQL database, for the simulation of many servers, and
 * whether the simulation says the same as the database where both can be asked.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import pg from 'pg';
import { startFilledServer } from './filled-database.mjs';
import { loadLibrary } from './library.mjs';
import { median, Unmeasurable } from './measuring.mjs';
import { simulate } from './simulation/fleet.mjs';

/** Credentials in the database. */
const SIZE = 1_000_000;

/** Members of the groups that are measured: enough apart to tell what is for each from what is for all. */
const GROUPS = [1, 10, 50, 200];

/** Groups of each size that are measured in a round. */
const REPEATED = 60;

/** Requests under way at once where the simulation is compared with the database. */
const CLIENTS = 64;
const COMPARED_MS = 4_000;

const LOOK = {
  name: 'look',
  text: `select g.value, v.*, h.hash, w.*, c.*, u.last_used_at, o.name, o.status
    from generation g left join unnest($1::text[]) with ordinality as a (id, place) on true
      left join version v on v.id = a.id left join version_hash h on h.version_id = v.id
      left join version_use w on w.version_id = v.id
      left join credential c on c.id = v.credential_id left join owner o on o.id = c.owner_id
      left join credential_use u on u.credential_id = c.id`,
};
const TOKENS = {
  name: 'tokens',
  text: `insert into access_token (id, credential_id, version_id, digest, scopes, issued_at, expires_at)
    select t.id, v.credential_id, v.id, t.digest, '["data:conversations","data:users"]', $4, $5
      from unnest($1::text[], $2::text[], $3::text[]) as t (id, version_id, digest)
        join version v on v.id = t.version_id returning id`,
};
const EXPIRED = {
  name: 'expired',
  text: `delete from access_token where id in
    (select id from access_token where expires_at <= $1 order by expires_at limit 5000)`,
};
const USES = {
  name: 'uses',
  text: `insert into version_use (version_id, first_used_at, last_used_at)
    select u.id, $2, $2 from unnest($1::text[]) as u (id) join version v on v.id = u.id order by v.id
    on conflict (version_id) do update set last_used_at = excluded.last_used_at`,
};
const LATEST = {
  name: 'latest',
  text: `update credential_use u set last_used_at = $2
    from (select v.credential_id from unnest($1::text[]) as t (id) join version v on v.id = t.id order by 1) as used
    where u.credential_id = used.credential_id`,
};

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
    const compared = await compare(urlOf(SIZE), session.handles, found);
    await session.client.query('truncate access_token');
    await session.client.end();
    const line = ([name, value]) => `${name}: ${value}`;
    return {
      name: 'services',
      rows: [],
      notes: [
        ...Object.entries(found).map(([name, value]) => line([name, `${(value * 1_000).toFixed(1)} µs`])),
        ...Object.entries(sizes).map(line),
        ...compared,
      ],
    };
  } finally {
    await server.stop();
  }
}

/** @param {string} url */
async function connected(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('set search_path = credctl; set jit = off; set plan_cache_mode = force_generic_plan');
  const { rows } = await client.query('select pg_backend_pid() as pid');
  const handles = await client.query(
    'select v.id from version v tablesample system (1) order by random() limit 5000',
  );
  return { client, pid: Number(rows[0].pid), handles: handles.rows.map(({ id }) => String(id)) };
}

/**
 * @param {Awaited<ReturnType<typeof connected>>} session
 * @param {number} rounds
 */
async function measured({ client, pid, handles }, rounds) {
  const draw = drawer(handles);
  const at = Date.now();
  const look = (/** @type {number} */ size) => client.query({ ...LOOK, values: [draw(size)] });
  const tokens = (/** @type {number} */ size) => client.query(tokenGroup(draw(size), at));
  const uses = async (/** @type {number} */ size) => {
    const used = draw(size);
    await client.query({ ...USES, values: [used, at] });
    await client.query({ ...LATEST, values: [used, at] });
  };
  // What is busy is in memory.
  for (let time = 0; time < handles.length / 100; time += 1) await uses(100);
  for (let time = 0; time < handles.length / 100; time += 1) await look(100);
  const looks = await line(pid, rounds, look);
  const written = await line(pid, rounds, tokens);
  const used = await line(pid, rounds, uses);
  await client.query('analyze access_token');
  const { rows } = await client.query('select count(*)::int as count from access_token');
  const deleting = await cpuOf(pid, async () => {
    for (let left = rows[0].count; left > 0; left -= 5_000)
      await client.query({ ...EXPIRED, values: [at + 10_000_000] });
  });
  const empty = await latency(() => client.query({ name: 'nothing', text: 'select 1' }));
  const durable = await latency(() => tokens(1));
  await client.query('set synchronous_commit = off');
  const undurable = await latency(() => tokens(1));
  await client.query('set synchronous_commit = on');
  return {
    look: looks.fixed,
    eachLook: looks.each,
    tokens: written.fixed,
    eachToken: written.each,
    eachExpired: deleting / rows[0].count,
    uses: used.fixed,
    eachUse: used.each,
    flush: Math.max(0, durable - undurable),
    network: empty,
    clientLook: looks.client,
    clientToken: written.client,
  };
}

/**
 * @param {readonly string[]} versions
 * @param {number} at
 */
function tokenGroup(versions, at) {
  const ids = versions.map(() => randomBytes(6).toString('hex'));
  const digests = versions.map(() => randomBytes(32).toString('hex'));
  return { ...TOKENS, values: [ids, versions, digests, at, at + 3_600_000] };
}

/** Different handles, one after the other. @param {readonly string[]} handles */
function drawer(handles) {
  let next = 0;
  return (/** @type {number} */ count) =>
    Array.from({ length: count }, () => handles[next++ % handles.length] ?? '');
}

/**
 * Core time of the server for groups of several sizes, as a straight line through them, and that of this process.
 *
 * @param {number} pid
 * @param {number} rounds
 * @param {(size: number) => Promise<unknown>} send
 */
async function line(pid, rounds, send) {
  for (const size of GROUPS) for (let time = 0; time < 10; time += 1) await send(size);
  const points = [];
  let client = 0;
  for (const size of GROUPS) {
    const costs = [];
    for (let round = 0; round < rounds; round += 1) {
      const before = process.cpuUsage();
      const busy = await cpuOf(pid, async () => {
        for (let time = 0; time < REPEATED; time += 1) await send(size);
      });
      const { user, system } = process.cpuUsage(before);
      if (size === GROUPS.at(-1)) client = (user + system) / 1_000 / REPEATED / size;
      costs.push(busy / REPEATED);
    }
    points.push({ size, cost: median(costs) });
  }
  const mean = (/** @type {readonly number[]} */ values) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const size = mean(points.map((point) => point.size));
  const cost = mean(points.map((point) => point.cost));
  const each =
    mean(points.map((point) => (point.size - size) * (point.cost - cost))) /
    mean(points.map((point) => (point.size - size) ** 2));
  return { each, fixed: Math.max(0, cost - each * size), client };
}

/**
 * Milliseconds for which a server process had a core.
 *
 * @param {number} pid
 * @param {() => Promise<void>} work
 */
async function cpuOf(pid, work) {
  const before = onCore(pid);
  await work();
  return onCore(pid) - before;
}

/** @param {number} pid */
function onCore(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    throw new Unmeasurable('only Linux says how long another process had a core');
  }
}

/**
 * A time that nine in ten are longer than: whatever else the machine does lengthens times, and shortens none.
 *
 * @param {readonly number[]} times
 */
function undisturbed(times) {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 10)] ?? Number.NaN;
}

/** The time until an answer. @param {() => Promise<unknown>} ask */
async function latency(ask) {
  const times = [];
  for (let time = 0; time < 200; time += 1) {
    const begin = performance.now();
    await ask();
    times.push(performance.now() - begin);
  }
  return undisturbed(times);
}

/** @param {Awaited<ReturnType<typeof connected>>} session */
async function sizesOf({ client, handles }) {
  const draw = drawer(handles);
  const at = Date.now();
  await client.query('truncate access_token');
  await client.query('checkpoint');
  const position = async () =>
    Number((await client.query("select pg_current_wal_lsn() - '0/0' as at")).rows[0].at);
  // Every page is written out once after a checkpoint; what counts is what comes after.
  for (let time = 0; time < 100; time += 1) await client.query(tokenGroup(draw(200), at));
  const before = await position();
  for (let time = 0; time < 100; time += 1) await client.query(tokenGroup(draw(50), at));
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

/**
 * The same clients, once against the database and once in the simulation, on as many cores as there are here.
 *
 * @param {string} url
 * @param {readonly string[]} handles
 * @param {Awaited<ReturnType<typeof measured>>} found
 */
async function compare(url, handles, found) {
  const lines = [];
  for (const share of [0, 1]) {
    const real = await closedLoop(url, handles, share);
    const fleet = { gateways: 1, shards: 1, cores: 1, partitioned: true };
    const services = {
      ...found,
      gatewayRead: found.clientLook,
      gatewayToken: found.clientLook + found.clientToken,
    };
    const said = simulate(
      services,
      fleet,
      { rate: 0, clients: CLIENTS, tokens: share },
      { requests: 30_000, seed: 1 },
    ).rate;
    const what = share === 0 ? 'look-ups' : 'tokens, each after a look-up';
    lines.push(
      `${CLIENTS} clients of one process, ${what}: ${real.toFixed(0)}/s; the simulation says ${said.toFixed(0)}/s, ${(said / real).toFixed(2)} of it`,
    );
  }
  return lines;
}

/**
 * @param {string} url
 * @param {readonly string[]} handles
 * @param {number} share
 */
async function closedLoop(url, handles, share) {
  const [looking, writing] = [(await connected(url)).client, (await connected(url)).client];
  const draw = drawer(handles);
  const { Group } = await import('./simulation/station.mjs');
  const looks = new Group(
    500,
    (size, then) => void looking.query({ ...LOOK, values: [draw(size)] }).then(then),
  );
  const tokens = new Group(
    5_000,
    (size, then) => void writing.query(tokenGroup(draw(size), Date.now())).then(then),
  );
  /** @type {number[]} */
  const rounds = [];
  let isOver = false;
  // All of them are in one group, so that it comes round as a whole.
  const request = () =>
    new Promise((resolve) =>
      looks.join(() => (share > 0 ? tokens.join(() => resolve(null)) : resolve(null))),
    );
  const clients = Array.from({ length: CLIENTS }, async (_, index) => {
    for (let begin = performance.now(); !isOver; begin = performance.now()) {
      await request();
      if (index === 0) rounds.push(performance.now() - begin);
    }
  });
  await new Promise((resolve) => setTimeout(resolve, COMPARED_MS));
  isOver = true;
  await Promise.all(clients);
  await looking.end();
  await writing.end();
  return (CLIENTS * 1_000) / undisturbed(rounds);
}
