// @ts-check
/** Gateways that verify secrets and issue tokens, and the databases behind them. */
import { exponential, seeded } from './random.mjs';
import { Flusher, Group, Station } from './station.mjs';
import { Timeline } from './timeline.mjs';

/**
 * What one statement costs, in milliseconds, as `npm run bench -- --only services` measures it.
 *
 * @typedef {object} Services
 * @property {number} gatewayRead time of a gateway's core for a request that only reads
 * @property {number} gatewayToken the same for a token
 * @property {number} look time of a core of the database for a group of look-ups, however many
 * @property {number} eachLook and for each of them
 * @property {number} tokens the same for a group of tokens
 * @property {number} eachToken and for each of them
 * @property {number} eachExpired and for each one that is deleted again, once it has expired
 * @property {number} uses the same for a group of uses
 * @property {number} eachUse and for each of them
 * @property {number} flush time until the write-ahead log is on the disk
 * @property {number} network time for a question and its answer to travel
 *
 * @typedef {object} Fleet
 * @property {number} gateways
 * @property {number} shards databases with a part of the credentials each
 * @property {number} cores of each database
 * @property {boolean} partitioned whether expired tokens go with their partition instead of one by one
 *
 * @typedef {object} Load
 * @property {number} rate requests in a second, of all gateways together; or
 * @property {number} clients of which each has one request under way at all times, when the rate is 0
 * @property {number} tokens the share of requests that ask for a token
 *
 * @typedef {object} Outcome
 * @property {number} rate requests in a second
 * @property {number} read p99 in milliseconds of what only reads
 * @property {number} token the same of tokens
 * @property {number} group mean number of look-ups in one question
 * @property {Readonly<Record<'database' | 'log' | 'gateway', number>>} use of the busiest of each, 1 for all of the time
 */

/** How many go in one statement at most, as in the server. */
const MOST_LOOKS = 500;
const MOST_TOKENS = 5_000;

/** How often a gateway writes the uses that it has seen, and of how many different credentials at most. */
const USES_EVERY_MS = 1_000;
const MOST_USES = 1_000;

/** What comes first meets empty queues, and is not counted: one request in so many. */
const WARM_UP = 10;

/**
 * @param {Services} services
 * @param {Fleet} fleet
 * @param {Load} load
 * @param {{ readonly requests: number, readonly seed: number }} run how many requests to look at
 * @returns {Outcome}
 */
export function simulate(services, fleet, load, { requests, seed }) {
  const timeline = new Timeline();
  const random = seeded(seed);
  const databases = Array.from({ length: fleet.shards }, () => ({
    cores: new Station(timeline, fleet.cores),
    log: new Flusher(timeline, services.flush),
  }));
  const gateways = Array.from(
    { length: fleet.gateways },
    () => new Gateway(timeline, services, fleet, databases),
  );
  /** @type {{ readonly read: number[], readonly token: number[] }} */
  const waits = { read: [], token: [] };
  const warm = Math.floor(requests / WARM_UP);
  let begun = 0;
  let ended = 0;
  let warmAt = 0;
  /** @param {() => void} then */
  const request = (then) => {
    const number = begun++;
    const at = timeline.now;
    if (number === warm) warmAt = at;
    const gateway = chosen(gateways, random);
    const shard = Math.floor(random() * databases.length);
    const isToken = random() < load.tokens;
    gateway.serve(isToken, shard, () => {
      ended += 1;
      if (number >= warm) waits[isToken ? 'token' : 'read'].push(timeline.now - at);
      then();
    });
  };
  const arrive = () => {
    request(() => {});
    if (begun < requests) timeline.after(exponential(random, 1_000 / load.rate), arrive);
  };
  const again = () => {
    if (begun < requests) request(again);
  };
  const rate = load.rate > 0 ? load.rate : (load.clients * 1_000) / services.network;
  for (const gateway of gateways) gateway.writeUses(random, rate / fleet.gateways);
  if (load.rate > 0) arrive();
  else for (let client = 0; client < load.clients; client += 1) again();
  timeline.run(() => ended === requests);
  const share = (/** @type {number} */ busy, /** @type {number} */ workers) =>
    Math.min(1, busy / workers / timeline.now);
  const looks = gateways.flatMap((gateway) => gateway.looks);
  return {
    rate: ((requests - warm) * 1_000) / (timeline.now - warmAt),
    read: p99(waits.read),
    token: p99(waits.token),
    group: sum(looks.map(({ members }) => members)) / sum(looks.map(({ count }) => count)),
    use: {
      database: Math.max(...databases.map(({ cores }) => share(cores.busy, fleet.cores))),
      log: Math.max(...databases.map(({ log }) => share(log.busy, 1))),
      gateway: Math.max(...gateways.map(({ core }) => share(core.busy, 1))),
    },
  };
}

/** One process with one core, and with connections to every database. */
class Gateway {
  core;
  looks;
  #timeline;
  #services;
  #databases;
  #tokens;

  /**
   * @param {Timeline} timeline
   * @param {Services} services
   * @param {Fleet} fleet
   * @param {readonly Database[]} databases
   */
  constructor(timeline, services, fleet, databases) {
    this.#timeline = timeline;
    this.#services = services;
    this.#databases = databases;
    this.core = new Station(timeline, 1);
    this.looks = databases.map(
      (database) =>
        new Group(MOST_LOOKS, (size, then) =>
          this.#ask(database, services.look + size * services.eachLook, false, then),
        ),
    );
    const eachToken = services.eachToken + (fleet.partitioned ? 0 : services.eachExpired);
    this.#tokens = databases.map(
      (database) =>
        new Group(MOST_TOKENS, (size, then) =>
          this.#ask(database, services.tokens + size * eachToken, true, then),
        ),
    );
  }

  /**
   * @param {boolean} isToken
   * @param {number} shard
   * @param {() => void} done
   */
  serve(isToken, shard, done) {
    const cost = isToken ? this.#services.gatewayToken : this.#services.gatewayRead;
    this.core.work(cost, () =>
      this.looks[shard]?.join(() => (isToken ? this.#tokens[shard]?.join(done) : done())),
    );
  }

  /**
   * Writes the uses again and again, beginning at a moment of its own.
   *
   * @param {() => number} random
   * @param {number} rate requests in a second
   */
  writeUses(random, rate) {
    const uses = Math.min(MOST_USES, (rate * USES_EVERY_MS) / 1_000) / this.#databases.length;
    const cost = this.#services.uses + uses * this.#services.eachUse;
    const write = () => {
      for (const database of this.#databases) this.#ask(database, cost, true, () => {});
      this.#timeline.after(USES_EVERY_MS, write);
    };
    this.#timeline.after(random() * USES_EVERY_MS, write);
  }

  /**
   * @param {Database} database
   * @param {number} cost
   * @param {boolean} isWrite
   * @param {() => void} then
   */
  #ask({ cores, log }, cost, isWrite, then) {
    const way = this.#services.network / 2;
    const answer = () => this.#timeline.after(way, then);
    this.#timeline.after(way, () => cores.work(cost, () => (isWrite ? log.flush(answer) : answer())));
  }
}

/** @typedef {{ readonly cores: Station, readonly log: Flusher }} Database */

/**
 * @template T
 * @param {readonly T[]} list
 * @param {() => number} random
 * @returns {T}
 */
function chosen(list, random) {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new RangeError('there is nothing to choose from');
  return one;
}

/** @param {readonly number[]} values */
function p99(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0;
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
