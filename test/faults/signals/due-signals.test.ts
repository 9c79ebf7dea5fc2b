import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mustSucceed, type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { credctl } from '../../support/program/real-program.js';
import { startedIn } from '../../support/program/started.js';
import { until } from '../../support/program/until.js';
import { type WaitingCommand, waitingCommand } from '../../support/program/waiting-command.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';
import { statesOf } from '../../support/stores/untouched.js';

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
  for (const name of ['resident-key', 'resident-client']) {
    mustSucceed(await credctl(settled.place, ['edit', name, '--rotate-every', '1d']));
  }
});

beforeEach(() => {
  place = settled.place.copy();
  waiting = waitingCommand(place);
  return () => place.remove();
});

afterAll(() => settled.place.remove());

describe('rotate --due to a command', () => {
  it.each(SIGNALS)(
    'ends with the credential at which %s comes, and comes again',
    async (signal, exitCode) => {
      for (const name of ['resident-key', 'resident-client']) {
        mustSucceed(await credctl(place, ['edit', name, '--rotate-every', '1d']));
      }
      const due = ['rotate', '--due', '--within', '2d', '--json', '--', ...waiting.command];
      const { child, ended } = startedIn(place, due);
      await until(() => waiting.hasStarted());
      // The first asks for no more than this one, and two at once may arrive as one.
      const insisting = setInterval(() => child.kill(signal), 200);
      const end = await ended;
      clearInterval(insisting);
      expect(end).toMatchObject({ exitCode, signal: null });
      const { rotated, failed, skipped } = JSON.parse(end.stdout);
      expect(rotated).toEqual([]);
      expect(failed).toMatchObject([
        { name: 'resident-client', error: { code: signal === 'SIGINT' ? 'interrupted' : 'terminated' } },
      ]);
      expect(failed[0].error.hint).toContain("'credctl rotate resident-client --resume'");
      expect(skipped).toEqual([{ name: 'resident-key', reason: 'interrupted' }]);
      expect(await statesOf(place, 'resident-client')).toEqual(['pending', 'current']);
      expect(await statesOf(place, 'resident-key')).toEqual(['current']);
    },
  );

  it('leaves one in doubt whose command a signal to both has ended, although one would not end it', async () => {
    const due = ['rotate', '--due', '--within', '2d', '--json', '--', ...waiting.command];
    const { child, ended } = startedIn(place, due);
    await until(() => waiting.hasStarted());
    process.kill(waiting.pid, 'SIGTERM');
    child.kill('SIGTERM');
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(143);
    expect(JSON.parse(stdout)).toMatchObject({
      rotated: [],
      failed: [{ name: 'resident-client', error: { code: 'terminated' } }],
      skipped: [{ name: 'resident-key', reason: 'interrupted' }],
    });
    expect(await statesOf(place, 'resident-client')).toEqual(['pending', 'current']);
  });

  it('goes on after a command whose time is up, and ends with 7', async () => {
    const script = 'cat > /dev/null; [ "$CREDCTL_NAME" = resident-key ] || sleep 600';
    const due = ['rotate', '--due', '--within', '2d', '--json', '--timeout', '1s', '--', 'sh', '-c', script];
    const end = await credctl(place, due);
    expect(end.exitCode, end.stderr).toBe(7);
    expect(JSON.parse(end.stdout)).toMatchObject({
      rotated: ['resident-key'],
      failed: [{ name: 'resident-client', error: { code: 'partial' } }],
      skipped: [],
    });
    expect(await statesOf(place, 'resident-client')).toEqual(['pending', 'current']);
  });
});
