import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openSession, type Session } from '../../../support/program/run.js';
import { listDocument, resultsDocument } from '../output/shapes.js';
import { createdAgo, DAY, FROM, HOUR, usedAgo } from './used.js';

const wouldDeactivate = z.strictObject({
  schema_version: z.literal(1),
  would_deactivate: z.array(z.string()),
});
const wouldDelete = z.strictObject({ schema_version: z.literal(1), would_delete: z.array(z.string()) });

/** `busy` was used an hour ago, `quiet` forty days ago, `never` not since it was made then; `off` is inactive. */
async function fourOf(): Promise<Session> {
  const session = await openSession();
  for (const name of ['busy', 'quiet', 'never', 'off', 'new']) await session.issue(name);
  await session.ok('deactivate', 'off');
  for (const name of ['busy', 'quiet', 'never', 'off']) createdAgo(session, name, 40 * DAY);
  usedAgo(session, 'quiet', 39 * DAY);
  usedAgo(session, 'busy', HOUR);
  return session;
}

async function statuses(session: Session): Promise<Readonly<Record<string, string>>> {
  const { credentials } = await session.json(listDocument, 'list');
  return Object.fromEntries(credentials.map(({ name, status }) => [name, status]));
}

describe('--unused-for as a selection', () => {
  it('deactivate: takes the active ones that nobody used, and leaves the others', async () => {
    const session = await fourOf();
    const { exitCode, stdout, stderr } = await session.run(['deactivate', '--unused-for', '30d', '--yes']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(
        `^note: 2 credentials stop:\n  quiet, last used \\S+ from ${FROM}\n  never, never used\ndeactivated never\ndeactivated quiet\n2 deactivated\n$`,
      ),
    );
    expect(await statuses(session)).toEqual({
      busy: 'active',
      quiet: 'inactive',
      never: 'inactive',
      off: 'inactive',
      new: 'active',
    });
    const again = await session.run(['deactivate', '--unused-for', '30d', '--yes']);
    expect(again).toMatchObject({ exitCode: 0, stderr: '0 deactivated\n' });
  });

  it('delete: takes all that nobody used, the inactive ones too', async () => {
    const session = await fourOf();
    const { results } = await session.json(resultsDocument, 'delete', '--unused-for', '30d', '--yes');
    expect(results.map(({ name, ok }) => [name, ok])).toEqual([
      ['never', true],
      ['off', true],
      ['quiet', true],
    ]);
    expect(Object.keys(await statuses(session)).sort()).toEqual(['busy', 'new']);
    expect(await session.ok('audit', 'verify')).toContain('valid');
  });

  it('--dry-run says which, and changes nothing', async () => {
    const session = await fourOf();
    const before = await session.ok('audit', 'export');
    const plain = await session.run(['deactivate', '--unused-for', '30d', '--dry-run']);
    expect(plain).toEqual({ exitCode: 0, stdout: 'never\nquiet\n', stderr: '2 would be deactivated\n' });
    const selection = ['--unused-for', '30d', '--dry-run'];
    expect(await session.json(wouldDeactivate, 'deactivate', ...selection)).toMatchObject({
      would_deactivate: ['never', 'quiet'],
    });
    expect(await session.json(wouldDelete, 'delete', ...selection)).toMatchObject({
      would_delete: ['never', 'off', 'quiet'],
    });
    expect(await session.ok('audit', 'export')).toBe(before);
  });

  it('agrees with what list says is unused', async () => {
    const session = await fourOf();
    const { credentials } = await session.json(listDocument, 'list', '--unused-for', '30d');
    const { would_delete } = await session.json(wouldDelete, 'delete', '--unused-for', '30d', '--dry-run');
    expect(would_delete).toEqual(credentials.map(({ name }) => name));
  });

  it('is refused where no use at all was recorded for so long, and --force overrides that', async () => {
    const session = await fourOf();
    for (const flags of [['--yes'], ['--dry-run']]) {
      const { message, hint } = await session.refused(5, ['deactivate', '--unused-for', '30m', ...flags]);
      expect(message).toContain('recorded no use of any credential within 30m');
      expect(hint).toContain('--force');
    }
    const forced = await session.run(['deactivate', '--unused-for', '30m', '--yes', '--force']);
    expect(forced.exitCode).toBe(0);
    expect(await statuses(session)).toMatchObject({ busy: 'inactive', quiet: 'inactive', new: 'active' });
  });

  it('heeds --unless-used-within for each, exit 7 for some and 5 for all', async () => {
    const session = await fourOf();
    const guarded = ['deactivate', '--unused-for', '30d', '--unless-used-within', '60d', '--yes'];
    const { exitCode, stdout } = await session.run([...guarded, '--json']);
    expect(exitCode).toBe(7);
    const { results } = resultsDocument.parse(JSON.parse(stdout));
    expect(results).toMatchObject([
      { name: 'never', ok: true },
      { name: 'quiet', ok: false, error: { code: 'conflict' } },
    ]);
    expect((await session.run(guarded)).exitCode).toBe(5);
    expect(await statuses(session)).toMatchObject({ never: 'inactive', quiet: 'active' });
  });

  it.each(['deactivate', 'delete'])('%s: asks, and is refused where nobody can be asked', async (command) => {
    const session = await fourOf();
    const { hint } = await session.refused(2, [command, '--unused-for', '30d']);
    expect(hint).toContain('--yes');
  });

  it.each([
    [['deactivate', 'busy', '--unused-for', '30d', '--yes'], /cannot be used together/],
    [['delete', '--unused-for', '30d', '--if-revision', '1', '--yes'], /cannot be used together/],
    [['deactivate', 'busy', '--dry-run'], /--dry-run works only with/],
    [['delete', 'busy', '--force', '--yes'], /--force works only with/],
    [['deactivate'], /missing required argument/],
    [['delete', '--unused-for', '0', '--yes'], /zero|not a duration/],
  ])('%j is a mistake', async (command, problem) => {
    const session = await fourOf();
    const { message } = await session.refused(2, command);
    expect(message).toMatch(problem);
  });

  it('needs no --yes where nothing is selected, and does where something is', async () => {
    const session = await fourOf();
    for (const command of ['deactivate', 'delete']) {
      const nothing = await session.run([command, '--unused-for', '90d']);
      expect(nothing).toEqual({ exitCode: 0, stdout: '', stderr: `0 ${command}d\n` });
      const some = await session.run([command, '--unused-for', '30d']);
      expect(some).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--yes') });
    }
    const { results } = await session.json(resultsDocument, 'delete', '--unused-for', '90d');
    expect(results).toEqual([]);
    expect(Object.keys(await statuses(session))).toHaveLength(5);
  });

  it('of no store is exit 8, since nobody may be looking', async () => {
    const session = await openSession();
    await session.refused(8, ['deactivate', '--unused-for', '30d', '--yes']);
    await session.refused(8, ['delete', '--unused-for', '30d', '--dry-run']);
  });
});
