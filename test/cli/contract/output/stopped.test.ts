import { describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../../support/program/run.js';
import { listDocument, resultsDocument, rotateDocument } from './shapes.js';

async function stderrOf(session: Session, ...args: readonly string[]): Promise<readonly string[]> {
  const { exitCode, stderr } = await session.run(args);
  expect(exitCode).toBe(0);
  return stderr.trimEnd().split('\n');
}

async function withOwner(): Promise<Session> {
  const session = await openSession();
  await session.ok('owner', 'create', 'crm', '--kind', 'service');
  return session;
}

describe('what works again, or stopped, is said on stderr', () => {
  it('by activate: which work again, and which still do not, and why', async () => {
    const session = await withOwner();
    await session.issue('a');
    await session.issue('b', '--owner', 'crm');
    await session.issue('c', '--expires-in', '1s');
    await session.issue('d');
    await session.ok('deactivate', 'a', 'b', 'c');
    await session.ok('owner', 'deactivate', 'crm');
    await session.sh('sleep 1.1');
    expect(await stderrOf(session, 'activate', 'a', 'b', 'c', 'd')).toEqual([
      ...['a', 'b', 'c'].map((name) => `activated ${name}`),
      'd is already active',
      '1 credential works again: a',
      '2 credentials still do not work: b (its owner crm is inactive), c (expired)',
    ]);
    expect(await stderrOf(session, 'activate', 'b')).toEqual([
      'b is already active',
      '1 credential still does not work: b (its owner crm is inactive)',
    ]);
    expect(await stderrOf(session, 'activate', 'a')).toEqual(['a is already active']);
  });

  it('by owner deactivate and activate, ten names at most', async () => {
    const session = await withOwner();
    const names = Array.from({ length: 12 }, (_, index) => `job-${String(index + 1).padStart(2, '0')}`);
    for (const name of names) await session.issue(name, '--owner', 'crm');
    await session.issue('off', '--owner', 'crm');
    await session.ok('deactivate', 'off');
    const ten = names.slice(0, 10).join(', ');
    expect(await stderrOf(session, 'owner', 'deactivate', 'crm')).toEqual([
      'note: 12 credentials stop:',
      ...names.slice(0, 5).map((name) => `  ${name}, never used`),
      '  and 7 more',
      'deactivated owner crm',
      `12 credentials stopped: ${ten} and 2 more`,
    ]);
    expect(await stderrOf(session, 'owner', 'deactivate', 'crm')).toEqual(['owner crm is already inactive']);
    expect(await stderrOf(session, 'owner', 'activate', 'crm')).toEqual([
      'activated owner crm',
      `12 credentials work again: ${ten} and 2 more`,
      '1 credential still does not work: off (inactive)',
    ]);
  });

  it('also where nothing was working', async () => {
    const session = await withOwner();
    expect(await stderrOf(session, 'owner', 'deactivate', 'crm')).toEqual([
      'deactivated owner crm',
      'no credential stopped: none was working',
    ]);
    expect(await stderrOf(session, 'owner', 'activate', 'crm')).toEqual(['activated owner crm']);
  });

  it('but not with --json, whose document is as before', async () => {
    const session = await withOwner();
    await session.issue('a', '--owner', 'crm');
    for (const command of [
      ['owner', 'deactivate', 'crm'],
      ['owner', 'activate', 'crm'],
      ['activate', 'a'],
    ]) {
      const { stdout, stderr } = await session.run([...command, '--json']);
      expect(stderr).toBe('');
      expect(resultsDocument.parse(JSON.parse(stdout)).results).toMatchObject([{ ok: true }]);
    }
  });
});

describe('rotating what is stopped', () => {
  it('goes on, and says that it is stopped and why', async () => {
    const session = await withOwner();
    await session.issue('ci-bot', '--owner', 'crm');
    await session.ok('owner', 'deactivate', 'crm');
    expect((await stderrOf(session, 'rotate', 'ci-bot')).at(-1)).toBe(
      "note: the owner of ci-bot is inactive: none of its secrets works; 'credctl owner activate crm' lets the credentials of crm work again",
    );
    await session.ok('owner', 'activate', 'crm');
    await session.ok('deactivate', 'ci-bot');
    expect((await stderrOf(session, 'rotate', 'ci-bot')).at(-1)).toBe(
      "note: ci-bot is inactive: none of its secrets works; 'credctl activate ci-bot' lets it work again",
    );
    const { credential, rotated } = await session.json(rotateDocument, 'rotate', 'ci-bot');
    expect([credential.status, rotated]).toEqual(['inactive', true]);
  });

  it('with --due leaves it out, and says how many and why', async () => {
    const session = await withOwner();
    await session.issue('a', '--rotate-every', '1s');
    await session.issue('b', '--rotate-every', '1s', '--owner', 'crm');
    await session.issue('c', '--rotate-every', '1s');
    await session.ok('owner', 'deactivate', 'crm');
    await session.ok('deactivate', 'c');
    await session.sh('sleep 1.1');
    const leftOut =
      'note: 2 credentials due but not rotated, because stopped: c (inactive), b (its owner crm is inactive)';
    const { stdout, stderr } = await session.run(['rotate', '--due', '--dry-run']);
    expect(stdout).toBe('a\n');
    expect(stderr).toBe(`1 would be rotated, 0 skipped\n${leftOut}\n`);
    expect(await stderrOf(session, 'rotate', '--due', '--output-dir', '.')).toEqual([
      '1 rotated, 0 failed, 0 skipped',
      leftOut,
    ]);
    const { credentials } = await session.json(listDocument, 'list', '--due', '--within', '1d');
    expect(credentials.map(({ name }) => name)).toEqual(['a']);
  });
});
