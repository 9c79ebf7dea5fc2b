import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { TemporaryKind } from '../../../src/files/leftovers.js';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { faultNumber } from '../../support/faults/fault-numbers.js';
import { mustSucceed, type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { contained, containedCredctl, hasNamespaces, killedOnce } from '../../support/faults/namespaces.js';
import { credctl, documentOf, PROGRAM, PROJECT, runIn } from '../../support/program/real-program.js';
import { until } from '../../support/program/until.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';

const ROUNDS = faultNumber(60, 15);
const NAME = 'resident-key';

let settled: Settled;
let writer: string;

beforeAll(async () => {
  settled = await settle(MEMORY);
  writer = join(settled.place.root, 'tmp', 'written-halfway.mjs');
  const entry = join(PROJECT, 'test', 'support', 'stores', 'written-halfway.ts');
  await build({ entryPoints: [entry], outfile: writer, bundle: true, platform: 'node', format: 'esm' });
});

afterAll(() => settled.place.remove());

function aPlace(): Workplace {
  const place = settled.place.copy();
  onTestFinished(() => place.remove());
  return place;
}

function leftIn(directory: string): readonly string[] {
  return readdirSync(directory).filter((name) => name.includes('.credctl-'));
}

/** Runs a writer as process 1 and kills it before its file has got its name. */
async function killHalfway(
  place: Workplace,
  kind: TemporaryKind,
  target: string,
  directory: string,
): Promise<void> {
  const before = leftIn(directory).length;
  const command = contained([process.execPath, writer, kind, target]);
  await killedOnce(place, command, () => until(() => leftIn(directory).length > before));
}

/** Backdates what is left beyond the age at which leftovers are swept. */
function age(directory: string): void {
  const then = Date.now() / 1_000 - 7_200;
  for (const name of leftIn(directory)) {
    if (name.endsWith('.draft')) utimesSync(join(directory, name, 'draft.db'), then, then);
    utimesSync(join(directory, name), then, then);
  }
}

describe.runIf(hasNamespaces())('process 1 that is killed twice on one volume', () => {
  it(`while it writes an output, ${ROUNDS} times, leaves nothing lying once that is an hour old`, async () => {
    await concurrently(
      times(ROUNDS),
      async () => {
        const place = aPlace();
        const file = place.output('secret');
        writeFileSync(file, 'old', { mode: 0o600 });
        for (const _ of ['once', 'twice']) await killHalfway(place, 'tmp', file, place.outputs);
        const argv = ['rotate', NAME, '--output', file, '--force', '--now'];
        mustSucceed(await containedCredctl(place, argv));
        age(place.outputs);
        mustSucceed(await containedCredctl(place, argv));
        expect(readdirSync(place.outputs)).toEqual(['secret']);
      },
      2,
    );
  });

  it('beside a store leaves what store check lists, and what the next change removes later', async () => {
    const place = aPlace();
    for (const kind of ['new', 'draft', 'tmp'] as const) {
      await killHalfway(place, kind, place.store, place.storeDirectory);
    }
    const { findings } = documentOf<{ findings: readonly { check: string; message: string }[] }>(
      await credctl(place, ['store', 'check', '--json']),
    );
    expect(findings.map(({ check }) => check)).toEqual(['leftovers', 'leftovers', 'leftovers']);
    age(place.storeDirectory);
    mustSucceed(await containedCredctl(place, ['edit', NAME, '--description', 'new']));
    expect(leftIn(place.storeDirectory)).toEqual([]);
  });

  it('leaves nothing lying at once where the next command runs in the same container', async () => {
    const place = aPlace();
    const file = place.output('secret');
    const script = `for kind in tmp tmp; do "$1" "$2" $kind "$4" & pid=$!
      while ! ls out/.secret.credctl-*-$pid-*; do sleep 0.05; done; kill -9 $pid; wait $pid; done
      exec "$1" "$3" rotate ${NAME} --output "$4"`;
    const argv = ['sh', process.execPath, writer, PROGRAM, file];
    mustSucceed(await runIn(place, contained(['sh', '-c', script, ...argv])));
    expect(readdirSync(place.outputs)).toEqual(['secret']);
  });
});
