// @ts-check
/** Whether the simulation of many servers says the same as a database, where both can be asked. */
import { performance } from 'node:perf_hooks';
import { undisturbed } from './measuring.mjs';
import { connected, drawer, LOOK, tokenGroup } from './service-statements.mjs';
import { simulate } from './simulation/fleet.mjs';
import { Group } from './simulation/station.mjs';

/** Requests under way at once where the simulation is compared with the database. */
const CLIENTS = 64;
const COMPARED_MS = 4_000;

/**
 * The same clients, once against the database and once in the simulation, on as many cores as there are here.
 *
 * @param {string} url
 * @param {readonly string[]} handles
 * @param {Awaited<ReturnType<typeof import('./service-costs.mjs').measured>>} found
 */
export async function compare(url, handles, found) {
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
