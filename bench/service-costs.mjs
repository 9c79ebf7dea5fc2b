// @ts-check
/** What the statements of a server cost: core time of the database and of this process, and how long an answer takes. */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { median, Unmeasurable, undisturbed } from './measuring.mjs';
import { drawer, EXPIRED, groupCommit, LOOK, USES } from './service-statements.mjs';

/** Members of the groups that are measured: enough apart to tell what is for each from what is for all. */
const GROUPS = [1, 10, 50, 200];

/** Groups of each size that are measured in a round. */
const REPEATED = 60;

/**
 * Milliseconds: what each statement costs for itself and for each that it is about.
 *
 * @param {import('./service-statements.mjs').Session} session
 * @param {number} rounds
 */
export async function measured({ client, pid, handles }, rounds) {
  const draw = drawer(handles);
  const at = Date.now();
  const look = (/** @type {number} */ size) => client.query({ ...LOOK, values: [draw(size)] });
  const tokens = (/** @type {number} */ size) => client.query(groupCommit(draw(size), at));
  const uses = (/** @type {number} */ size) => client.query({ ...USES, values: [draw(size), at] });
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
