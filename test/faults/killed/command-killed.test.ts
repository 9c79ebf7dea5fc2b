import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DELIVERY_STEPS, type DeliveryStep } from '../../../src/usecases/dependencies.js';
import { type Bundled, bundled } from '../../support/build/bundled.js';
import {
  mustSucceed,
  OPERATIONS,
  type Operation,
  type Settled,
  settle,
} from '../../support/faults/interrupted-delivery.js';
import { credctl, PROGRAM, runIn } from '../../support/program/real-program.js';
import { stateOf } from '../../support/program/running-program.js';
import { until } from '../../support/program/until.js';
import { type WaitingCommand, waitingCommand } from '../../support/program/waiting-command.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';
import { AFTER_LAPSE, onlySecretIn, probing, verdictOn } from '../../support/stores/store-probe.js';
import { expectUntouched, statesOf } from '../../support/stores/untouched.js';

let settled: Settled;
let place: Workplace;

beforeAll(async () => {
  settled = await settle(MEMORY);
});

beforeEach(() => {
  place = settled.place.copy();
});

afterEach(() => place.remove());

afterAll(() => settled.place.remove());

const TARGETS = { create: 'newcomer', rotate: 'resident-key' } as const;

function argv(operation: Operation, command: readonly string[]): readonly string[] {
  const issue = ['--type', 'api-key', '--scope', 'data:conversations'];
  return [operation, TARGETS[operation], ...(operation === 'create' ? issue : []), '--', ...command];
}

async function expectVerdicts(expected: Readonly<Record<string, string>>): Promise<void> {
  for (const ahead of [0, AFTER_LAPSE]) {
    await probing(place, async (probe) => {
      probe.setClock(ahead);
      for (const [secret, verdict] of Object.entries(expected)) {
        expect(await verdictOn(probe, secret)).toBe(verdict);
      }
    });
  }
}

describe.each(OPERATIONS)('kill -9 of a %s while its command runs', (operation) => {
  const name = TARGETS[operation];
  let waiting: WaitingCommand;

  beforeEach(async () => {
    waiting = waitingCommand(place);
    const child: ChildProcess = spawn(process.execPath, [PROGRAM, ...argv(operation, waiting.command)], {
      cwd: place.root,
      env: place.env,
      stdio: 'ignore',
    });
    await until(() => waiting.hasStarted());
    const during = await credctl(place, ['rotate', name, '--abort']);
    expect([during.exitCode, during.stdout], 'nobody else may decide yet').toEqual([5, '']);
    child.kill('SIGKILL');
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  });

  afterEach(async () => {
    waiting.release(0);
    await until(() => stateOf(waiting.pid) === null || stateOf(waiting.pid) === 'Z');
  });

  /** Only a rotation has an earlier secret. */
  const earlier = (verdict: string): Readonly<Record<string, string>> =>
    operation === 'rotate' ? { [settled.secrets['api-key']]: verdict } : {};

  it('locks nobody out: both secrets work, and the new one shows as pending', async () => {
    expect(await statesOf(place, name)).toEqual(
      operation === 'create' ? ['pending'] : ['pending', 'current'],
    );
    await expectVerdicts({ [onlySecretIn(waiting.received)]: 'valid', ...earlier('valid') });
  });

  it('ends the command: it can put nothing in the place of what comes later', async () => {
    await until(() => stateOf(waiting.pid) === null || stateOf(waiting.pid) === 'Z');
  });

  it('is completed by --resume', async () => {
    mustSucceed(await credctl(place, ['rotate', name, '--resume']));
    expect(await statesOf(place, name)).toEqual(
      operation === 'create' ? ['current'] : ['current', 'retiring'],
    );
    await expectVerdicts({ [onlySecretIn(waiting.received)]: 'valid', ...earlier('valid') });
  });

  it('is taken back by --abort', async () => {
    const { stderr } = mustSucceed(await credctl(place, ['rotate', name, '--abort']));
    expect(stderr).toContain(
      operation === 'create'
        ? 'removed newcomer'
        : 'the newer secret is revoked, the previous one is current',
    );
    expect(await statesOf(place, name)).toEqual(operation === 'create' ? null : ['revoked', 'current']);
    const dead = operation === 'create' ? 'deleted' : 'version_retired';
    await expectVerdicts({ [onlySecretIn(waiting.received)]: dead, ...earlier('valid') });
  });

  it('is named by the --abort of a later one that was in doubt as well', async () => {
    const [first, second] = [onlySecretIn(waiting.received), place.output('second')];
    const held = argv(operation, ['sh', '-c', `umask 077; cat > ${second}; trap '' TERM; exec sleep 60`]);
    const cut = await credctl(place, [
      ...held.slice(0, held.indexOf('--')),
      '--timeout',
      '1s',
      ...held.slice(held.indexOf('--')),
    ]);
    expect(cut.exitCode, cut.stderr).toBe(7);
    const number = operation === 'create' ? 1 : 2;
    const { stderr } = mustSucceed(await credctl(place, ['rotate', name, '--abort']));
    expect(stderr).toContain(
      `version ${number} is still pending: '--resume' confirms it, '--abort' revokes it`,
    );
    await expectVerdicts({ [first]: 'valid', ...earlier('valid') });
  });

  it('does not hinder the next one', async () => {
    const first = onlySecretIn(waiting.received);
    mustSucceed(await credctl(place, argv(operation, ['sh', '-c', 'umask 077; cat > out/second'])));
    const second = onlySecretIn(readFileSync(place.output('second'), 'utf8'));
    const superseded = operation === 'create' ? 'version_retired' : 'valid';
    await expectVerdicts({ [second]: 'valid', [first]: superseded, ...earlier('valid') });
    expect(await statesOf(place, name)).toEqual(
      operation === 'create' ? ['current', 'revoked'] : ['current', 'retiring', 'retiring'],
    );
  });
});

describe('a signal at any step of a delivery to a command', () => {
  let program: Bundled;

  /** The first steps at which the command has taken the secret over. */
  const DELIVERED: ReadonlySet<DeliveryStep> = new Set(['delivered', 'confirming', 'confirmed']);

  beforeAll(async () => {
    const warmUp = ['SIGINT', 'no step', 'create', 'first', '--scope', 'data:conversations'];
    program = await bundled('faults/signalled-at-step.ts', warmUp);
  });

  afterAll(() => program.remove());

  describe.each(OPERATIONS)('%s', (operation) => {
    it.each(
      DELIVERY_STEPS.flatMap((step) =>
        (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => [step, signal] as const),
      ),
    )('"%s": %s leaves it undone or done, never in between', async (step, signal) => {
      const command = [process.execPath, program.file, signal, step];
      const deliver = argv(operation, ['sh', '-c', 'umask 077; cat > out/got']);
      const { exitCode, signal: endedBy, stderr } = await runIn(place, [...command, ...deliver]);
      const how = exitCode ?? endedBy;
      if (DELIVERED.has(step)) {
        expect(how, stderr).toBe(signal === 'SIGINT' ? 130 : 143);
        expect(stderr).toContain(`interrupted by ${signal}, but the`);
        await expectVerdicts({ [onlySecretIn(readFileSync(place.output('got'), 'utf8'))]: 'valid' });
        const states = await statesOf(place, TARGETS[operation]);
        expect(states).toEqual(operation === 'create' ? ['current'] : ['current', 'retiring']);
        return;
      }
      // Before there is anything to protect, a signal does what it always does.
      expect(how, stderr).toBe(step === 'started' ? signal : signal === 'SIGINT' ? 130 : 143);
      await expectUntouched(place, settled);
    });
  });
});
