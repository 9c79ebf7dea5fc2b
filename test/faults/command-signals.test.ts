import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  mustSucceed,
  OPERATIONS,
  type Operation,
  type Settled,
  settle,
} from '../support/interrupted-delivery.js';
import { credctl, type Ended, PROGRAM } from '../support/real-program.js';
import { stateOf } from '../support/running-program.js';
import { onlySecretIn, probing, verdictOn } from '../support/store-probe.js';
import { until } from '../support/until.js';
import { expectUntouched, statesOf } from '../support/untouched.js';
import { type WaitingCommand, waitingCommand } from '../support/waiting-command.js';
import { MEMORY, type Workplace } from '../support/workplace.js';
import '../support/patience.js';

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
  ['SIGQUIT', 143],
] as const;

let settled: Settled;
let place: Workplace;
let waiting: WaitingCommand;

beforeAll(async () => {
  settled = await settle(MEMORY);
});

beforeEach(() => {
  place = settled.place.copy();
  waiting = waitingCommand(place);
  return () => place.remove();
});

afterAll(() => settled.place.remove());

/** Starts a delivery and waits until the command has the secret. */
async function deliver(
  operation: Operation,
  flags: readonly string[] = [],
): Promise<{ child: ChildProcess; ended: Promise<Ended> }> {
  const issue = ['create', 'newcomer', '--type', 'api-key', '--scope', 'data:conversations'];
  const what = operation === 'create' ? issue : ['rotate', 'resident-key'];
  const child = spawn(process.execPath, [PROGRAM, ...what, ...flags, '--', ...waiting.command], {
    cwd: place.root,
    env: place.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  }
  const ended = once(child, 'close').then(([exitCode, signal]) => ({ exitCode, signal, ...written }));
  await until(() => waiting.hasStarted() || child.exitCode !== null);
  expect(child.exitCode, written.stderr).toBeNull();
  return { child, ended };
}

describe.each(OPERATIONS)('%s to a command', (operation) => {
  it.each(SIGNALS)(
    'that %s interrupts is exit %i, ends the command and leaves nothing',
    async (signal, exitCode) => {
      const { child, ended } = await deliver(operation);
      child.kill(signal);
      const result = await ended;
      expect(result).toMatchObject({ exitCode, signal: null, stdout: '' });
      expect(result.stderr).toMatch(new RegExp(`^credctl: interrupted by ${signal}\\nhint: [^\\n]+\\n$`));
      expect(stateOf(waiting.pid)).toBeNull();
      await expectUntouched(place, settled);
      await probing(place, async (probe) => {
        const verdict = await verdictOn(probe, onlySecretIn(waiting.received));
        expect(verdict).toBe(operation === 'create' ? 'unknown' : 'version_retired');
      });
    },
  );

  it('that many signals interrupt, until its very end, leaves nothing', async () => {
    waiting = waitingCommand(place, 'sleep 0.3; exit 0');
    const { child, ended } = await deliver(operation);
    let sent = 0;
    while (child.exitCode === null && child.signalCode === null) {
      child.kill(SIGNALS[sent % SIGNALS.length]?.[0] ?? 'SIGINT');
      sent += 1;
      await pause(2);
    }
    // Which of those that arrive together the program hears of first is the system's choice.
    const end = await ended;
    expect(end).toMatchObject({ signal: null, stdout: '' });
    expect(SIGNALS.map(([, code]) => code)).toContain(end.exitCode);
    expect(sent).toBeGreaterThan(20);
    await expectUntouched(place, settled);
  });

  it('that is interrupted while the command fails by itself leaves nothing', async () => {
    const { child, ended } = await deliver(operation);
    waiting.release(1);
    while (child.exitCode === null && child.signalCode === null) {
      if (stateOf(waiting.pid) === null) child.kill('SIGTERM');
      await pause(1);
    }
    expect((await ended).exitCode).toSatisfy((code) => code === 6 || code === 143);
    await expectUntouched(place, settled);
  });

  it('that is interrupted once the command has taken the secret over is completed', async () => {
    const { child, ended } = await deliver(operation);
    waiting.release(0);
    await until(() => stateOf(waiting.pid) === null || stateOf(waiting.pid) === 'Z');
    while (child.exitCode === null && child.signalCode === null) {
      if (existsSync(place.output('go'))) child.kill('SIGINT');
      await pause(1);
    }
    const { exitCode } = await ended;
    const states = await statesOf(place, operation === 'create' ? 'newcomer' : 'resident-key');
    // A signal that still finds the shell around the command counts as one to the command.
    if (exitCode === 130) return expectUntouched(place, settled);
    expect(exitCode).toBe(0);
    expect(states).toEqual(operation === 'create' ? ['current'] : ['current', 'retiring']);
    await probing(place, async (probe) =>
      expect(await verdictOn(probe, onlySecretIn(waiting.received))).toBe('valid'),
    );
  });

  it('leaves a file that it would have replaced as it was', async () => {
    const { child, ended } = await deliver(operation, ['--output', place.output('file')]);
    expect(existsSync(place.output('file'))).toBe(true);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ exitCode: 143, stdout: '' });
    expect(existsSync(place.output('file'))).toBe(false);
    await expectUntouched(place, settled);
  });
});

describe('rotate --due to a command', () => {
  it.each(SIGNALS)(
    'ends with the credential at which %s comes, and comes again',
    async (signal, exitCode) => {
      mustSucceed(await edit('resident-key'));
      mustSucceed(await edit('resident-client'));
      const child = spawn(
        process.execPath,
        [PROGRAM, 'rotate', '--due', '--within', '2d', '--', ...waiting.command],
        { cwd: place.root, env: place.env, detached: true, stdio: 'ignore' },
      );
      await until(() => waiting.hasStarted());
      // The first asks for no more than this one, and two at once may arrive as one.
      const insisting = setInterval(() => child.kill(signal), 200);
      const ended = await once(child, 'exit');
      clearInterval(insisting);
      expect(ended).toEqual([exitCode, null]);
      await expectUntouched(place, settled);
    },
  );

  async function edit(name: string): Promise<Ended> {
    return credctl(place, ['edit', name, '--rotate-every', '1d']);
  }
});
