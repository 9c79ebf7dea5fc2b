import { expect, it } from 'vitest';
import { randomPool } from '../../src/system/random-pool.js';

/** Counts upwards, so that every byte can be told from those before it. */
function counting() {
  const drawn: number[] = [];
  let next = 0;
  return {
    drawn,
    random: {
      uuid: (now: number) => `uuid-${now}`,
      bytes(length: number) {
        drawn.push(length);
        const bytes = new Uint8Array(length);
        for (let at = 0; at < length; at += 1) bytes[at] = next++ % 251;
        return bytes;
      },
    },
  };
}

it('hands out every byte once, in few draws, and nothing that changes afterwards', () => {
  const { random, drawn } = counting();
  const pool = randomPool(random);
  const texts: Uint8Array[] = [];
  for (let n = 0; n < 1_000; n += 1) texts.push(pool.bytes(n % 2 === 0 ? 12 : 32));
  expect(drawn.length).toBe(2);
  const perPool = Math.floor(16_384 / 44) * 2;
  const first = texts.slice(0, perPool).flatMap((bytes) => [...bytes]);
  expect(first).toEqual(first.map((_, at) => at % 251));
});

it('passes on what is larger than the pool, and the ids', () => {
  const { random, drawn } = counting();
  expect(randomPool(random).bytes(20_000).length).toBe(20_000);
  expect(drawn).toEqual([20_000]);
  expect(randomPool(random).uuid(7)).toBe('uuid-7');
});
