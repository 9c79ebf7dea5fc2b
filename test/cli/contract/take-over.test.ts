import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openSession, type Session } from '../../support/program/run.js';
import { makeOverdue } from '../../support/stores/overdue.js';

const UNTIL = /until (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)/;

/** A credential whose rotation was killed in a container that cannot be seen from here. */
async function cutOff(command = 'kill -9 "$(ps -o ppid= -p $PPID)"; sleep 60'): Promise<Session> {
  const session = await openSession();
  await session.issue('ci-bot', '--rotate-every', '1s');
  const killed = await session.run(['rotate', 'ci-bot', '--timeout', '1m', '--', 'sh', '-c', command]);
  expect(killed.exitCode).toBe(137);
  moveElsewhere(session);
  return session;
}

/** Makes the delivery that was cut off one of another PID namespace. */
function moveElsewhere({ workspace }: Session): void {
  const database = new Database(workspace.defaultStore);
  database.exec(
    `update version set delivery = json_set(delivery, '$.process.namespace', 'pid:[1]', '$.process.host', 'pod-1')
      where delivery is not null`,
  );
  database.close();
}

describe('a rotation that was killed in another container', () => {
  it('keeps every step off for the time-out of its command and a minute, and says so with the way out', async () => {
    const session = await cutOff();
    for (const step of [[], ['--now'], ['--abort'], ['--abort', '--force'], ['--resume'], ['--finish']]) {
      const { message, hint } = await session.refused(5, ['rotate', 'ci-bot', ...step]);
      expect(message).toMatch(
        /^version 2 of ci-bot is being delivered by process \d+ on pod-1, which this machine cannot see/,
      );
      const until = Date.parse(UNTIL.exec(message)?.[1] ?? '');
      expect(until - Date.now()).toBeLessThanOrEqual(2 * 60_000);
      expect(until - Date.now()).toBeGreaterThan(0);
      expect(hint).toContain('--take-over: credctl rotate ci-bot --now, --abort or --resume');
    }
    makeOverdue(session.workspace.defaultStore);
    const due = await session.run(['rotate', '--due', '--', 'cat']);
    expect([due.exitCode, due.stderr]).toEqual([0, expect.stringMatching(UNTIL)]);
    const { message, hint } = await session.refused(5, ['rotate', 'ci-bot', '--resume']);
    expect([message, hint].join()).not.toContain('--force');
  });

  it.each([
    ['--now', 3],
    ['--abort', 1],
    ['--resume', 2],
  ])('is taken over by %s --take-over', async (step, current) => {
    const session = await cutOff();
    await session.ok('rotate', 'ci-bot', step, '--take-over');
    const shown = await session.ok('show', 'ci-bot', '--json');
    expect(shown).toContain(`"version":${current},"state":"current"`);
  });

  it('is not what store check advises to meddle with, unless with --take-over', async () => {
    const session = await cutOff();
    const { findings } = await session.json(
      z.object({ findings: z.array(z.object({ check: z.string(), message: z.string(), fix: z.string() })) }),
      'store',
      'check',
    );
    expect(findings.map(({ check }) => check)).toEqual(['deliveries']);
    expect(findings[0]?.message).toMatch(UNTIL);
    expect(findings[0]?.fix).toMatch(
      /^wait until then; or, if that process has ended, credctl rotate ci-bot --resume --take-over if .* --abort --take-over if not$/,
    );
  });

  it('of a create holds the name, and says how to free it', async () => {
    const session = await openSession();
    const create = ['create', 'new', '--type', 'api-key', '--scope', 'data:users'];
    const kill = 'kill -9 "$(ps -o ppid= -p $PPID)"; sleep 60';
    await session.run([...create, '--', 'sh', '-c', kill]);
    moveElsewhere(session);
    const { message, hint } = await session.refused(5, create);
    expect(message).toMatch(UNTIL);
    const [, command = 'false'] = /(credctl rotate .*)$/.exec(hint ?? '') ?? [];
    expect((await session.sh(command)).exitCode).toBe(0);
    await session.ok(...create);
  });
});

describe('--take-over', () => {
  it.each([
    ['rotate', 'ci-bot', '--take-over'],
    ['rotate', 'ci-bot', '--grace', '1h', '--take-over'],
    ['rotate', 'ci-bot', '--finish', '--take-over'],
    ['rotate', '--due', '--take-over', '--', 'cat'],
    ['create', 'x', '--scope', 'data:users', '--take-over'],
    ['deactivate', 'ci-bot', '--take-over'],
  ])('means nothing elsewhere: %s %s %s', async (...argv) => {
    const session = await openSession();
    await session.refused(2, argv);
  });

  it('does no harm where nothing is to be taken over', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('rotate', 'ci-bot', '--now', '--take-over');
    await session.refused(5, ['rotate', 'ci-bot', '--resume', '--take-over']);
  });
});
