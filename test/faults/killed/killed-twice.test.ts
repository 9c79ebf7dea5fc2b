import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DeliveryStep } from '../../../src/usecases/dependencies.js';
import { type Bundled, bundled } from '../../support/build/bundled.js';
import { mustSucceed, type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { credctl, credctlRedirected, runIn } from '../../support/program/real-program.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';
import {
  AFTER_LAPSE,
  onlySecretIn,
  probing,
  secretsIn,
  verdictOn,
} from '../../support/stores/store-probe.js';

const NAME = 'resident-key';

/** Every step at which the secret may already be in the file and B has not happened. */
const STEPS: readonly DeliveryStep[] = ['delivered', 'confirming'];

describe('a file that an integration reads holds a good secret, however often a rotation is killed', () => {
  let settled: Settled;
  let program: Bundled;
  let place: Workplace;
  let file: string;

  beforeAll(async () => {
    const warmUp = ['no step', 'create', 'first', '--scope', 'data:conversations'];
    [settled, program] = await Promise.all([settle(MEMORY), bundled('faults/killed-at-step.ts', warmUp)]);
  });

  beforeEach(() => {
    place = settled.place.copy();
    file = place.output('secret.txt');
    return () => place.remove();
  });

  afterAll(() => {
    settled.place.remove();
    program.remove();
  });

  it.each(STEPS)('--force over the old secret, killed twice at "%s"', async (step) => {
    writeFileSync(file, `${settled.secrets['api-key']}\n`, { mode: 0o600 });
    for (const _ of ['once', 'twice']) await killAt(step, ['rotate', NAME, '--output', file, '--force']);
    await expectGoodLater(secretInFile());
  });

  it.each(STEPS)(
    '--force over the old secret, killed at "%s", and killed again without --force',
    async (step) => {
      writeFileSync(file, `${settled.secrets['api-key']}\n`, { mode: 0o600 });
      await killAt(step, ['rotate', NAME, '--output', file, '--force']);
      await killAt(step, ['rotate', NAME, '--output', file]);
      await expectGoodLater(secretInFile());
    },
  );

  it.each(STEPS)(
    'a new file that came into use after a kill at "%s", killed again with --force',
    async (step) => {
      await killAt(step, ['rotate', NAME, '--output', file]);
      await probing(place, async (deps) => expect(await verdictOn(deps, secretInFile())).toBe('valid'));
      await killAt(step, ['rotate', NAME, '--output', file, '--force']);
      await expectGoodLater(secretInFile());
    },
  );

  it('a new file that came into use after a kill is not overwritten without --force', async () => {
    await killAt('delivered', ['rotate', NAME, '--output', file]);
    const used = secretInFile();
    await probing(place, async (deps) => expect(await verdictOn(deps, used)).toBe('valid'));
    expect(await credctl(place, ['rotate', NAME, '--output', file])).toMatchObject({ exitCode: 6 });
    expect(secretInFile()).toBe(used);
  });

  it('a rotation that fails after a kill leaves no secret of its own in the file', async () => {
    await killAt('delivered', ['rotate', NAME, '--output', file]);
    const argv = ['rotate', NAME, '--output', file, '--print'];
    expect(await credctlRedirected(place, argv, '> /dev/full')).toMatchObject({ exitCode: 6 });
    await probing(place, async (deps) => {
      for (const secret of secretsIn(readFileSync(file, 'utf8')))
        expect(await verdictOn(deps, secret)).toBe('valid');
    });
  });

  it('a create that was killed may write to its file again, also after its secret has lapsed', async () => {
    const create = ['create', 'newcomer', '--type', 'api-key', '--scope', 'data:conversations'];
    await killAt('delivered', [...create, '--output', file]);
    await probing(place, async (probe) => {
      probe.setClock(AFTER_LAPSE);
      expect(await verdictOn(probe, settled.secrets.oauth2)).toBe('valid');
    });
    mustSucceed(await credctl(place, [...create, '--output', file]));
  });

  async function killAt(step: DeliveryStep, argv: readonly string[]): Promise<void> {
    const { signal, stderr } = await runIn(place, [process.execPath, program.file, step, ...argv]);
    expect(signal, stderr).toBe('SIGKILL');
  }

  function secretInFile(): string {
    return onlySecretIn(readFileSync(file, 'utf8'));
  }

  /** The integration reads the file only when it starts: perhaps much later. */
  async function expectGoodLater(secret: string): Promise<void> {
    await probing(place, async (probe) => {
      expect(await verdictOn(probe, settled.secrets['api-key'])).toBe('valid');
      probe.setClock(AFTER_LAPSE);
      expect(await verdictOn(probe, secret)).toBe('valid');
    });
  }
});
