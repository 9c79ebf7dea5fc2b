import Database, { type Statement } from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { composeSecret, parseSecret } from '../../../src/domain/secret/secret-format.js';
import type { Dependencies } from '../../../src/usecases/dependencies.js';
import { mustSucceed } from '../../support/faults/interrupted-delivery.js';
import { credctl } from '../../support/program/real-program.js';
import { MEMORY, makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { onlySecretIn, probing, verdictOn } from '../../support/stores/store-probe.js';

/** What an answer takes, but for the machine's noise: how often statements are run, and how much is hashed how. */
interface Cost {
  readonly statements: number;
  readonly hashes: readonly string[];
}

/** Every statement that SQLite was asked to run. */
let run: string[] = [];

beforeEach(() => {
  const database = new Database(':memory:');
  const prototype: Statement = Object.getPrototypeOf(database.prepare('select 1'));
  database.close();
  for (const method of ['get', 'all', 'run'] as const) {
    const original = prototype[method];
    vi.spyOn(prototype, method).mockImplementation(function (this: Statement, ...parameters: unknown[]) {
      run.push(this.source);
      return original.apply(this, parameters);
    });
  }
});

afterEach(() => vi.restoreAllMocks());

describe.each([
  { scheme: 'sha256', options: ['--hash', 'sha256'] },
  { scheme: 'bcrypt', options: ['--hash', 'bcrypt', '--bcrypt-cost', '4'] },
])('with $scheme', ({ scheme, options }) => {
  let place: Workplace;
  let good: string;

  beforeAll(async () => {
    place = makeWorkplace(MEMORY);
    mustSucceed(await credctl(place, ['store', 'init', ...options]));
    const argv = ['create', 'resident', '--type', 'api-key', '--scope', 'data:conversations'];
    good = onlySecretIn(mustSucceed(await credctl(place, argv)).stdout);
  });

  afterAll(() => place.remove());

  it('an unknown id costs what a wrong secret does: as many statements, and the same hash', async () => {
    await probing(place, async (deps) => {
      const [wrong, unknown] = [altered(good, 'secret'), altered(good, 'id')];
      const costs = [await costOf(deps, wrong, 'wrong_secret'), await costOf(deps, unknown, 'unknown')];
      expect(costs[0]).toEqual(costs[1]);
      expect(costs[0]?.statements).toBeGreaterThan(0);
      expect(costs[0]?.hashes).toEqual([
        expect.stringMatching(scheme === 'bcrypt' ? /^\$2b\$04\$.* 43$/ : /^\$sha256\$ 43$/),
      ]);
    });
  });
});

describe('with hashes of three policies', () => {
  let place: Workplace;
  const secrets: string[] = [];

  beforeAll(async () => {
    place = makeWorkplace(MEMORY);
    mustSucceed(await credctl(place, ['store', 'init', '--hash', 'bcrypt', '--bcrypt-cost', '5']));
    for (const [name, ...policy] of [
      ['a'],
      ['b', '--bcrypt-cost', '4'],
      ['c', '--hash', 'sha256'],
    ] as const) {
      if (policy.length > 0) mustSucceed(await credctl(place, ['store', 'set', ...policy]));
      const argv = ['create', name, '--type', 'api-key', '--scope', 'data:conversations'];
      secrets.push(onlySecretIn(mustSucceed(await credctl(place, argv)).stdout));
    }
  });

  afterAll(() => place.remove());

  it('every refusal costs the same: a hash by each of them, and as many statements', async () => {
    await probing(place, async (deps) => {
      const costs: Cost[] = [];
      for (const good of secrets) {
        for (const [part, verdict] of [
          ['secret', 'wrong_secret'],
          ['id', 'unknown'],
        ] as const) {
          const { statements, hashes } = await costOf(deps, altered(good, part), verdict);
          costs.push({ statements, hashes: [...hashes].sort() });
        }
      }
      expect(new Set(costs.map((cost) => JSON.stringify(cost))).size).toBe(1);
      expect(costs[0]?.hashes).toEqual(['$2b$04$ 43', '$2b$05$ 43', '$sha256$ 43']);
    });
  });

  it('a policy without hashes costs nothing any more, once the policy was set anew', async () => {
    mustSucceed(await credctl(place, ['rotate', 'a', '--now']));
    mustSucceed(await credctl(place, ['delete', 'b', '--yes']));
    mustSucceed(await credctl(place, ['store', 'set', '--hash', 'sha256']));
    await probing(place, async (deps) => {
      const { hashes } = await costOf(deps, altered(secrets[2] ?? '', 'id'), 'unknown');
      expect([...hashes].sort()).toEqual(['$2b$05$ 43', '$sha256$ 43']);
    });
  });
});

/** What it costs to answer once more, with everything prepared that is prepared once. */
async function costOf(deps: Dependencies, secret: string, verdict: string): Promise<Cost> {
  expect(await verdictOn(deps, secret)).toBe(verdict);
  const hashes: string[] = [];
  const hasher: Dependencies['hasher'] = {
    ...deps.hasher,
    matches(text, hash) {
      hashes.push(`${/^\$(?:2b\$\d\d|sha256)\$/.exec(hash)?.[0]} ${text.length}`);
      return deps.hasher.matches(text, hash);
    },
  };
  run = [];
  await verdictOn({ ...deps, hasher }, secret);
  return { statements: run.length, hashes };
}

/** The secret with another part in the place of one, and the checksum that goes with it. */
function altered(secret: string, part: 'id' | 'secret'): string {
  const parsed = parseSecret(secret);
  if (parsed === null || parsed.kind === 'tok') throw new Error('not a secret of a credential');
  const { prefix, kind } = parsed;
  const changed = { id: parsed.id, secret: parsed.secret, [part]: [...parsed[part]].reverse().join('') };
  return composeSecret(prefix, kind, changed.id, changed.secret);
}
