import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  mustSucceed,
  OPERATIONS,
  type Operation,
  type Settled,
  settle,
} from '../../support/faults/interrupted-delivery.js';
import { withoutNotes } from '../../support/faults/notes.js';
import { credctl } from '../../support/program/real-program.js';
import { stateOf } from '../../support/program/running-program.js';
import { isWatching, startedIn } from '../../support/program/started.js';
import { until } from '../../support/program/until.js';
import { type WaitingCommand, waitingCommand } from '../../support/program/waiting-command.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';
import { AFTER_LAPSE, faultsIn, onlySecretIn, probing, verdictOn } from '../../support/stores/store-probe.js';
import { expectUntouched, statesOf } from '../../support/stores/untouched.js';

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

function start(operation: Operation, flags: readonly string[] = []) {
  const issue = ['create', 'newcomer', '--type', 'api-key', '--scope', 'data:conversations'];
  const what = operation === 'create' ? issue : ['rotate', 'resident-key'];
  return startedIn(place, [...what, ...flags, '--', ...waiting.command]);
}

/** Starts a delivery and waits until the command has the secret. */
async function deliver(operation: Operation, flags: readonly string[] = []) {
  const { child, ended } = start(operation, flags);
  await until(() => waiting.hasStarted() || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error((await ended).stderr);
  return { child, ended };
}

const TARGETS = { create: 'newcomer', rotate: 'resident-key' } as const;

/** What becomes of a delivery that is complete. */
async function expectComplete(
  operation: Operation,
  older: 'retiring' | 'revoked' = 'retiring',
): Promise<void> {
  expect(await statesOf(place, TARGETS[operation])).toEqual(
    operation === 'create' ? ['current'] : ['current', older],
  );
  await probing(place, async (probe) =>
    expect(await verdictOn(probe, onlySecretIn(waiting.received))).toBe('valid'),
  );
}

/** Unknown outcome of a delivery: both secrets work, for longer than one that lapses. */
async function expectInDoubt(operation: Operation): Promise<void> {
  expect(await statesOf(place, TARGETS[operation])).toEqual(
    operation === 'create' ? ['pending'] : ['pending', 'current'],
  );
  const secrets = [onlySecretIn(waiting.received), ...Object.values(settled.secrets)];
  await probing(place.copyStore(), async (probe) => {
    probe.setClock(AFTER_LAPSE);
    for (const secret of secrets) expect(await verdictOn(probe, secret)).toBe('valid');
    expect(await faultsIn(probe)).toEqual([]);
  });
}

describe.each(OPERATIONS)('%s to a command', (operation) => {
  const now = operation === 'rotate' ? ['--now'] : [];

  it.each(SIGNALS)(
    'that %s ends is exit %i and pending, since it may have put the secret in place',
    async (signal, exitCode) => {
      const { child, ended } = await deliver(operation, now);
      child.kill(signal);
      const result = await ended;
      expect(result).toMatchObject({ exitCode, signal: null, stdout: '' });
      expect(withoutNotes(result.stderr)).toMatch(
        new RegExp(
          `^credctl: interrupted by ${signal} while the command "sh" was running with the secret\\nhint: [^\\n]+\\n$`,
        ),
      );
      expect(result.stderr).toContain(`'credctl rotate ${TARGETS[operation]} --resume'`);
      expect(result.stderr).toContain("'--abort'");
      expect(stateOf(waiting.pid)).toBeNull();
      await expectInDoubt(operation);
    },
  );

  it.each([
    ['--resume', 'valid'],
    ['--abort', operation === 'create' ? 'deleted' : 'version_retired'],
  ])('that a signal has ended is decided by %s at once', async (step, verdict) => {
    const { child, ended } = await deliver(operation, now);
    child.kill('SIGTERM');
    await ended;
    mustSucceed(await credctl(place, ['rotate', TARGETS[operation], step]));
    await probing(place, async (probe) => {
      expect(await verdictOn(probe, onlySecretIn(waiting.received))).toBe(verdict);
      if (step === '--resume' || operation === 'create') return;
      expect(await verdictOn(probe, settled.secrets['api-key'])).toBe('valid');
    });
  });

  it.each(SIGNALS)(
    'that finishes what it has begun, whatever %s says, has taken the secret over: exit %i',
    async (signal, exitCode) => {
      waiting = waitingCommand(place, 'sleep 0.3; exit 0');
      const { child, ended } = await deliver(operation, now);
      child.kill(signal);
      const result = await ended;
      expect(result).toMatchObject({ exitCode, signal: null, stdout: '' });
      expect(withoutNotes(result.stderr)).toMatch(
        new RegExp(
          `\\ncredctl: interrupted by ${signal}, but the \\w+ of ${TARGETS[operation]} is complete\\n`,
        ),
      );
      await expectComplete(operation, 'revoked');
    },
  );

  it('that many signals interrupt, until its very end, is complete when it says so', async () => {
    waiting = waitingCommand(place, 'while ! [ -e out/enough ]; do sleep 0.05; done; exit 0');
    const { child, ended } = await deliver(operation);
    let sent = 0;
    while (child.exitCode === null && child.signalCode === null) {
      child.kill(SIGNALS[sent % SIGNALS.length]?.[0] ?? 'SIGINT');
      sent += 1;
      if (sent === 20) writeFileSync(place.output('enough'), '');
      await pause(2);
    }
    // Which of those that arrive together the program hears of first is the system's choice.
    const end = await ended;
    expect(end).toMatchObject({ signal: null, stdout: '' });
    expect(SIGNALS.map(([, code]) => code)).toContain(end.exitCode);
    await expectComplete(operation);
  });

  it('that is interrupted while the command fails by itself leaves nothing, unless it may have been ended', async () => {
    const { child, ended } = await deliver(operation);
    waiting.release(1);
    while (child.exitCode === null && child.signalCode === null) {
      if (stateOf(waiting.pid) === null) child.kill('SIGTERM');
      await pause(1);
    }
    const { exitCode } = await ended;
    if (exitCode === 143) return expectInDoubt(operation);
    expect(exitCode).toBe(6);
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
    expect([0, 130]).toContain(exitCode);
    await expectComplete(operation);
  });

  it.each([
    ['a new one', []],
    ['one that it replaces', ['--force']],
  ])('leaves the secret in a file beside it, %s: --resume needs it there', async (_, flags) => {
    writeFileSync(place.output('file'), 'before\n', { mode: 0o600 });
    const output = place.output(flags.length === 0 ? 'new' : 'file');
    const { child, ended } = await deliver(operation, ['--output', output, ...flags]);
    child.kill('SIGTERM');
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(143);
    expect(stderr).toContain('(it is in the file)');
    expect(readFileSync(output, 'utf8')).toContain(onlySecretIn(waiting.received));
    await expectInDoubt(operation);
  });

  it('is pending too when a signal that is sent to both reaches the command first', async () => {
    const { child, ended } = await deliver(operation, now);
    process.kill(waiting.pid, 'SIGTERM');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ exitCode: 143, stdout: '' });
    await expectInDoubt(operation);
  });

  it.each(SIGNALS)(
    'issues nothing after %s has come while the store was waited for: exit %i',
    async (signal, exitCode) => {
      const lock = new Database(place.store);
      lock.exec('begin immediate');
      const { child, ended } = start(operation, now);
      try {
        // It has all that it needs but the lock, and asks for that again and again.
        await until(() => isWatching(child.pid ?? 0));
        child.kill(signal);
        const result = await ended;
        expect(result).toMatchObject({ exitCode, signal: null, stdout: '' });
        expect(withoutNotes(result.stderr)).toBe(
          `credctl: interrupted by ${signal}\nhint: no secret was issued\n`,
        );
      } finally {
        lock.close();
      }
      expect(waiting.hasStarted()).toBe(false);
      await expectUntouched(place, settled);
    },
  );
});
