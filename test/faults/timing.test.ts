import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeSecret, parseSecret } from '../../src/domain/secret-format.js';
import type { Dependencies } from '../../src/usecases/dependencies.js';
import { times } from '../support/concurrently.js';
import { mustSucceed } from '../support/interrupted-delivery.js';
import { credctl } from '../support/real-program.js';
import { onlySecretIn, probing, verdictOn } from '../support/store-probe.js';
import { MEMORY, makeWorkplace, type Workplace } from '../support/workplace.js';
import '../support/patience.js';

/** The machine has other things to do as well: one quiet attempt of these is enough. */
const ATTEMPTS = 5;

/** Medians that are this close cannot be told apart over a network. */
const TOLERANCE = 0.05;

describe.each([
  { scheme: 'sha256', options: ['--hash', 'sha256'], rounds: 1_500 },
  { scheme: 'bcrypt', options: ['--hash', 'bcrypt', '--bcrypt-cost', '4'], rounds: 300 },
])('with $scheme', ({ options, rounds }) => {
  let place: Workplace;
  let good: string;

  beforeAll(async () => {
    place = makeWorkplace(MEMORY);
    mustSucceed(await credctl(place, ['store', 'init', ...options]));
    for (const n of times(20)) {
      const argv = ['create', `resident-${n}`, '--type', 'api-key', '--scope', 'data:conversations'];
      good = onlySecretIn(mustSucceed(await credctl(place, argv)).stdout);
    }
  });

  afterAll(() => place.remove());

  it('an unknown id and a wrong secret take the same time: their medians are within 5 %', async () => {
    const ratios: number[] = [];
    await probing(place, async (deps) => {
      const [wrong, unknown] = [altered(good, 'secret'), altered(good, 'id')];
      expect(await verdictOn(deps, wrong)).toBe('wrong_secret');
      expect(await verdictOn(deps, unknown)).toBe('unknown');
      do ratios.push(await compare(deps, wrong, unknown, rounds));
      while (Math.abs((ratios.at(-1) ?? 0) - 1) > TOLERANCE && ratios.length < ATTEMPTS);
    });
    expect(Math.abs((ratios.at(-1) ?? 0) - 1), `unknown : wrong = ${ratios}`).toBeLessThanOrEqual(TOLERANCE);
  });
});

/** How many times as long an unknown id takes as a wrong secret, by the medians of interleaved samples. */
async function compare(deps: Dependencies, wrong: string, unknown: string, rounds: number): Promise<number> {
  const samples = { wrong: [] as number[], unknown: [] as number[] };
  const measure = async (kind: keyof typeof samples, secret: string): Promise<void> => {
    const startedAt = process.hrtime.bigint();
    await verdictOn(deps, secret);
    samples[kind].push(Number(process.hrtime.bigint() - startedAt));
  };
  for (let round = 0; round < rounds; round += 1) {
    const isEven = round % 2 === 0;
    await measure(isEven ? 'wrong' : 'unknown', isEven ? wrong : unknown);
    await measure(isEven ? 'unknown' : 'wrong', isEven ? unknown : wrong);
  }
  return median(samples.unknown) / median(samples.wrong);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** The secret with another part in the place of one, and the checksum that goes with it. */
function altered(secret: string, part: 'id' | 'secret'): string {
  const parsed = parseSecret(secret);
  if (parsed === null || parsed.kind === 'tok') throw new Error('not a secret of a credential');
  const { prefix, kind } = parsed;
  const changed = { id: parsed.id, secret: parsed.secret, [part]: [...parsed[part]].reverse().join('') };
  return composeSecret(prefix, kind, changed.id, changed.secret);
}
