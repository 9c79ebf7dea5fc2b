import { describe, expect, it } from 'vitest';

interface Clock {
  readonly now: number;
  after(delay: number, run: () => void): void;
  run(): void;
}
interface Worker {
  readonly busy: number;
  work(duration: number, then: () => void): void;
}
interface Log {
  readonly flushes: number;
  flush(then: () => void): void;
}
interface Groups {
  readonly count: number;
  readonly members: number;
  join(then: () => void): void;
}
type Services = Readonly<Record<string, number>>;

const part = (name: string) => new URL(`../../bench/simulation/${name}.mjs`, import.meta.url).href;
const { Timeline }: { Timeline: new () => Clock } = await import(part('timeline'));
const queues: {
  Station: new (timeline: Clock, workers: number) => Worker;
  Flusher: new (timeline: Clock, duration: number) => Log;
  Group: new (most: number, send: (size: number, then: () => void) => void) => Groups;
} = await import(part('station'));
const {
  seeded,
  exponential,
}: {
  seeded: (seed: number) => () => number;
  exponential: (random: () => number, mean: number) => number;
} = await import(part('random'));
const {
  simulate,
}: {
  simulate: (
    services: Services,
    fleet: object,
    load: object,
    run: object,
  ) => { readonly rate: number; readonly read: number; readonly use: Services };
} = await import(part('fleet'));

/** The mean wait before one worker who is busy for `load` of the time. */
function meanWait(load: number, service: (random: () => number) => number, jobs: number): number {
  const timeline = new Timeline();
  const station = new queues.Station(timeline, 1);
  const random = seeded(7);
  let waited = 0;
  const arrive = (left: number): void => {
    const at = timeline.now;
    const duration = service(random);
    station.work(duration, () => {
      waited += timeline.now - at - duration;
    });
    if (left > 1) timeline.after(exponential(random, 1 / load), () => arrive(left - 1));
  };
  arrive(jobs);
  timeline.run();
  return waited / jobs;
}

describe('the simulation of many servers', () => {
  it.each([0.3, 0.7])('waits as long as M/M/1 does, at a load of %d', (load) => {
    const measured = meanWait(load, (random) => exponential(random, 1), 300_000);
    expect(measured / (load / (1 - load))).toBeCloseTo(1, 1);
  });

  it.each([0.3, 0.7])('waits half as long as that where every job takes as long (M/D/1), at %d', (load) => {
    const measured = meanWait(load, () => 1, 300_000);
    expect(measured / (load / (2 * (1 - load)))).toBeCloseTo(1, 1);
  });

  it('lets several workers share a line', () => {
    const timeline = new Timeline();
    const station = new queues.Station(timeline, 2);
    const ended: number[] = [];
    for (const duration of [4, 1, 2, 5]) station.work(duration, () => ended.push(timeline.now));
    timeline.run();
    expect(ended).toEqual([1, 3, 4, 8]);
    expect(station.busy).toBe(12);
  });

  it('flushes for all who wait at once', () => {
    const timeline = new Timeline();
    const log = new queues.Flusher(timeline, 10);
    const ended: number[] = [];
    for (const at of [0, 1, 2, 15]) timeline.after(at, () => log.flush(() => ended.push(timeline.now)));
    timeline.run();
    expect(ended).toEqual([10, 20, 20, 30]);
    expect(log.flushes).toBe(3);
  });

  it('sends whoever comes meanwhile with the next group, and no more than fit', () => {
    const timeline = new Timeline();
    const sizes: number[] = [];
    const group = new queues.Group(3, (size, then) => {
      sizes.push(size);
      timeline.after(10, then);
    });
    for (let at = 0; at < 6; at += 1) timeline.after(at, () => group.join(() => {}));
    timeline.run();
    expect(sizes).toEqual([1, 3, 2]);
    expect([group.count, group.members]).toEqual([3, 6]);
  });

  const services = {
    ...{ gatewayRead: 0.1, gatewayToken: 0.1, look: 1, eachLook: 0.1, tokens: 1, eachToken: 0.1 },
    ...{ eachExpired: 0, uses: 0, eachUse: 0, flush: 2, network: 0 },
  };
  const fleet = { gateways: 1, shards: 1, cores: 1, partitioned: true };
  const run = { requests: 2_000, seed: 3 };

  it('says of one client what a pencil says', () => {
    const alone = { rate: 0, clients: 1 };
    const reads = simulate(services, fleet, { ...alone, tokens: 0 }, run);
    expect(reads.read).toBeCloseTo(0.1 + 1.1, 6);
    expect(reads.rate).toBeCloseTo(1_000 / 1.2, 0);
    const tokens = simulate(services, fleet, { ...alone, tokens: 1 }, run);
    expect(tokens.rate).toBeCloseTo(1_000 / (1.2 + 1.1 + 2), 0);
  });

  it('says the same for the same seed, and something else for another', () => {
    const load = { rate: 500, clients: 0, tokens: 0.5 };
    const once = simulate(services, fleet, load, run);
    expect(simulate(services, fleet, load, run)).toEqual(once);
    expect(simulate(services, fleet, load, { ...run, seed: 4 })).not.toEqual(once);
  });

  it('divides the work of the database among shards', () => {
    const load = { rate: 700, clients: 0, tokens: 0 };
    const whole = simulate(services, { ...fleet, gateways: 4 }, load, run).use['database'] ?? 0;
    const half = simulate(services, { ...fleet, gateways: 4, shards: 2 }, load, run).use['database'] ?? 0;
    expect(half / whole).toBeGreaterThan(0.45);
    expect(half / whole).toBeLessThan(0.65);
  });
});
