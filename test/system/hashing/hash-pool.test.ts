import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { type HashPool, hashPool } from '../../../src/system/hashing/hash-pool.js';
import { failure } from '../../storage/fixtures.js';
import { times } from '../../support/faults/concurrently.js';

const SALT = `$2b$04$${'a'.repeat(22)}`;
const DIGEST = 'b'.repeat(31);

/** A pool whose threads do this with each request; `answer` sends the hash that is compared. */
function poolOf(threads: number, mostWaiting: number, work: string, mostBehind = 0): HashPool {
  const directory = mkdtempSync(join(tmpdir(), 'credctl-hash-pool-'));
  const thread = join(directory, 'thread.mjs');
  writeFileSync(
    thread,
    `import { parentPort } from 'node:worker_threads';
     const answer = ({ salt }) => parentPort.postMessage(salt + '${DIGEST}');
     parentPort.on('message', (request) => { ${work} });`,
  );
  const pool = hashPool({ thread: pathToFileURL(thread), threads, mostWaiting, mostBehind });
  onTestFinished(async () => {
    await pool.close();
    rmSync(directory, { recursive: true });
  });
  return pool;
}

const match = (pool: HashPool, secret: string) => pool.matches(secret, SALT + DIGEST);

it('hashes as many at once as it has threads, lets others wait, and refuses those that have no room', async () => {
  const pool = poolOf(2, 3, 'setTimeout(answer, 20, request)');
  const asked = times(6).map((n) => match(pool, `secret-${n}`));
  expect(pool.load()).toMatchObject({ busy: 2, waiting: 3, started: 2, refused: 1 });
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes.map(({ status }) => status)).toEqual([...times(5).map(() => 'fulfilled'), 'rejected']);
  expect(pool.load()).toMatchObject({ busy: 0, waiting: 0, started: 5 });
  expect(pool.load().waitedMs).toBeGreaterThan(0);
});

it('has another thread go on with those that wait when one has ended', async () => {
  const pool = poolOf(1, 10, "if (request.secret === 'fatal') process.exit(1); else answer(request)");
  const [fatal, ...others] = ['fatal', 'second', 'fatal', 'last'].map((secret) => match(pool, secret));
  await expect(fatal).rejects.toThrow(failure('unexpected', /thread .* has ended/));
  await expect(others[1]).rejects.toThrow(failure('unexpected', /thread .* has ended/));
  expect([await others[0], await others[2]]).toEqual([true, true]);
});

it('starts no thread any more once it is closed', async () => {
  const pool = poolOf(1, 10, '');
  for (const n of times(3)) void match(pool, `secret-${n}`).catch(() => {});
  await pool.close();
  expect(pool.load()).toMatchObject({ busy: 0, waiting: 2, started: 1 });
});

it('starts what can wait while no other secret waits, and refuses what has no room', async () => {
  const pool = poolOf(1, 10, 'answer(request)', 3);
  const order: string[] = [];
  const ask = (name: string, asked: Promise<unknown>) => asked.then(() => order.push(name));
  const behind = times(4).map((n) => ask(`b${n}`, pool.behind.matches(`behind-${n}`, SALT + DIGEST)));
  await expect(pool.behind.matches('more', SALT + DIGEST)).rejects.toThrow(
    failure('store_unavailable', /too many/),
  );
  const ordinary = times(2).map((n) => ask(`o${n}`, match(pool, `ordinary-${n}`)));
  expect(pool.load()).toMatchObject({ busy: 1, waiting: 5, refused: 1 });
  await Promise.all([...behind, ...ordinary]);
  expect(order).toEqual(['b0', 'o0', 'o1', 'b1', 'b2', 'b3']);
});

it('leaves half of its threads to what cannot wait', async () => {
  const pool = poolOf(4, 10, 'answer(request)', 10);
  const behind = times(4).map((n) => pool.behind.matches(`behind-${n}`, SALT + DIGEST));
  expect(pool.load()).toMatchObject({ busy: 2, waiting: 2 });
  const ordinary = times(2).map((n) => match(pool, `ordinary-${n}`));
  expect(pool.load()).toMatchObject({ busy: 4, waiting: 2 });
  expect(await Promise.all([...behind, ...ordinary])).toEqual(Array(6).fill(true));
});
