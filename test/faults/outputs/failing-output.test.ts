import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticates } from '../../../src/domain/credential/version.js';
import type { Dependencies } from '../../../src/usecases/dependencies.js';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { deliveryInTurn } from '../../support/faults/failing-delivery.js';
import {
  EARLIER,
  type FailingOutput,
  failingCommands,
  failingFiles,
  failingStandardOutputs,
  type OutputFixtures,
  openBrokenPipe,
} from '../../support/faults/failing-outputs.js';
import { type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { withoutNotes } from '../../support/faults/notes.js';
import { privateMount } from '../../support/faults/private-mount.js';
import type { Ended } from '../../support/program/real-program.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';
import { AFTER_LAPSE, faultsIn, probing, secretsIn, verdictOn } from '../../support/stores/store-probe.js';

const FORMATS = ['text', 'json', 'env', 'dotenv', 'k8s-secret', 'docker-secret'];

let settled: Settled;
let shared: OutputFixtures;

beforeAll(async () => {
  settled = await settle(MEMORY);
  const fifo = settled.place.output('fifo');
  execFileSync('mkfifo', [fifo]);
  shared = {
    brokenPipe: openBrokenPipe(fifo),
    readOnly: await privateMount(64),
    full: await privateMount(64),
  };
  execFileSync('rm', [fifo]);
  shared.readOnly.sh('mount -o remount,ro "$1"');
  shared.full.fill();
});

afterAll(() => {
  closeSync(shared.brokenPipe);
  shared.readOnly.remove();
  shared.full.remove();
  settled.place.remove();
});

describe('a secret that cannot be handed over is exit 6, and nothing of it is left', () => {
  const fixtures = (): OutputFixtures => shared;

  it.each([...failingStandardOutputs(fixtures), ...failingFiles(fixtures), ...failingCommands()])(
    '$name, $times times',
    async (output) => {
      await concurrently(times(output.times), (n) => attempt(output, n));
    },
  );

  async function attempt(output: FailingOutput, n: number): Promise<void> {
    const place = settled.place.copy();
    try {
      const { argv, isJson } = command(n);
      const ended = await output.run(place, argv, n);
      const saysNothing = output.name === 'every stream closed';
      expect(ended, ended.stderr).toMatchObject({ exitCode: 6, stdout: '' });
      if (!saysNothing) checkExplanation(ended, isJson);
      await probing(place, async (probe) => {
        await checkStore(probe);
        probe.setClock(AFTER_LAPSE);
        await checkStore(probe);
        expect(await faultsIn(probe)).toEqual([]);
      });
      checkNothingWritten(place);
      expect(readdirSync(shared.full.view)).not.toContain(`secret-${n}`);
    } finally {
      place.remove();
    }
  }
});

/** Creates and rotations take turns, as do types and formats. */
function command(n: number): { argv: readonly string[]; isJson: boolean } {
  const format = n % 6 === 5 ? ['--json'] : ['--format', FORMATS[n % FORMATS.length] ?? 'text'];
  return { argv: [...deliveryInTurn(n), ...format], isJson: format[0] === '--json' };
}

/** One line that says what is wrong, and one that says what to do. */
function checkExplanation({ stderr }: Ended, isJson: boolean): void {
  if (isJson) expect(JSON.parse(stderr)).toMatchObject({ schema_version: 1, error: { code: 'undelivered' } });
  else expect(withoutNotes(stderr)).toMatch(/^credctl: [^\n]+\nhint: [^\n]+\n$/);
}

async function checkStore(deps: Dependencies): Promise<void> {
  const now = deps.clock.now();
  for (const secret of Object.values(settled.secrets)) expect(await verdictOn(deps, secret)).toBe('valid');
  const { items } = await deps.store.listCredentials({ now, sort: 'name', limit: 10 });
  expect(items.map(({ name }) => name)).toEqual(['resident-client', 'resident-key']);
  const live = items.flatMap(({ versions }) => versions.filter((version) => authenticates(version, now)));
  expect(live.map(({ number, deliveredAt }) => [number, deliveredAt !== null])).toEqual([
    [1, true],
    [1, true],
  ]);
  const retiring = live.filter(({ retiresAt }) => retiresAt !== null);
  expect(retiring, 'the old secret never noticed').toEqual([]);
}

/** What stood there before is as it was; nothing else is there, and no file holds a secret. */
function checkNothingWritten(place: Workplace): void {
  chmodSync(place.outputs, 0o700);
  const left = readdirSync(place.outputs).sort();
  expect(left.filter((name) => !['plain', 'secret', 'victim'].includes(name))).toEqual([]);
  for (const name of readdirSync(place.root, { recursive: true, encoding: 'utf8' })) {
    const path = join(place.root, name);
    if (!lstatSync(path).isFile()) continue;
    expect(secretsIn(readFileSync(path, 'latin1')), name).toEqual([]);
  }
  const texts = { plain: 'plain', secret: EARLIER, victim: 'must stay as it is' } as const;
  for (const [name, text] of Object.entries(texts)) {
    const path = place.output(name);
    if (left.includes(name) && lstatSync(path).isFile()) expect(readFileSync(path, 'utf8')).toBe(text);
  }
}
