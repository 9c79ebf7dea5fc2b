import { describe, expect, it } from 'vitest';
import { impureGlobalsIn } from './support/build/globals.js';
import { type Source, sourcesIn } from './support/build/sources.js';

/** A timer ends a wait; the time that it is compared with comes from the clock that was passed in. */
const TIMERS: Readonly<Record<string, readonly string[]>> = {
  'src/usecases/delivery/lease.ts': ['setInterval', 'clearInterval'],
  'src/usecases/delivery/release.ts': ['setTimeout'],
};

describe('domain and use cases', async () => {
  const sources = (await Promise.all(['src/domain', 'src/usecases'].map(sourcesIn))).flat();

  it('depend on nothing that was not passed in: no clock, no randomness, no process, no network', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.flatMap(impurities)).toEqual([]);
  });

  it.each([
    'const now = Date.now();',
    'const now = new Date();',
    'const now = Date();',
    'const { now } = Date;',
    "const now = Date['now']();",
    'const draw = Math.random();',
    'const { random } = Math;',
    "const draw = Math['random']();",
    'const { HOME } = process.env;',
    "const fs = process.getBuiltinModule('node:fs');",
    'const start = performance.now();',
    'const id = crypto.randomUUID();',
    'const bytes = globalThis.crypto.getRandomValues(new Uint8Array(8));',
    'const answer = await fetch(url);',
    'setTimeout(() => {}, 1_000);',
    'const here = import.meta.url;',
    'const size = Buffer.byteLength(text);',
    'const deps = { process };',
  ])('would not hold %s', (statement) => {
    expect(
      impurities({
        path: 'src/domain/duration.ts',
        text: `import { text, url } from './x.js'; ${statement}`,
      }),
    ).toHaveLength(1);
  });

  it.each([
    'const at = new Date(instant); const least = Math.min(1, 2);',
    'type Env = typeof process.env; interface Clock { performance: number }',
    'const { process, crypto: own } = deps; own(process);',
    '// Date.now()',
    "const text = 'process.env';",
    'const start = deps.performance;',
    'function later(performance: number, { crypto = 1 }: Options) { return performance + crypto; }',
  ])('may hold %s', (statement) => {
    const text = `import { deps, instant } from './x.js'; ${statement}`;
    expect(impurities({ path: 'src/domain/duration.ts', text })).toEqual([]);
  });
});

function impurities(source: Source): readonly string[] {
  const allowed = TIMERS[source.path] ?? [];
  return impureGlobalsIn(source)
    .filter((name) => !allowed.includes(name))
    .map((name) => `${source.path}: ${name}`);
}
