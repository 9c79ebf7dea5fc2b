import { describe, expect, it } from 'vitest';
import { openSession, readDocument } from '../../support/program/run.js';
import { makeOverdue } from '../../support/stores/overdue.js';
import { createDocument, listDocument } from '../contract/output/shapes.js';
import { dryRunDocument, dueIn, openNight } from './night.js';

const DAY = 86_400_000;
const KEY = ['--type', 'api-key', '--scope', 'data:users'];

describe('a rotation policy', () => {
  it('is given at the creation, and counts from there', async () => {
    const session = await openSession();
    const { credential } = await session.json(createDocument, 'create', 'a', ...KEY, '--rotate-every', '90d');
    expect(credential.rotate_every).toBe('90d');
    const created = Date.parse(credential.versions[0]?.created_at ?? '');
    expect(Date.parse(credential.rotation_due_at ?? '')).toBe(created + 90 * DAY);
  });

  it('is given, changed and taken away later', async () => {
    const session = await openSession();
    await session.issue('a');
    const policy = async (...flags: readonly string[]) => {
      await session.ok('edit', 'a', ...flags);
      const [only] = (await session.json(listDocument, 'list')).credentials;
      const start = Date.parse(only?.versions[0]?.created_at ?? '');
      const due = only?.rotation_due_at ?? null;
      return [only?.rotate_every, due === null ? null : (Date.parse(due) - start) / DAY];
    };
    expect(await policy('--rotate-every', '30d')).toEqual(['30d', 30]);
    expect(await policy('--rotate-every', '1w')).toEqual(['1w', 7]);
    expect(await policy('--no-rotation')).toEqual([null, null]);
  });

  it('counts from the new version after a rotation, however that came about', async () => {
    const { session } = await openNight(['a']);
    await session.ok('rotate', 'a', '-q');
    const [only] = (await session.json(listDocument, 'list')).credentials;
    const created = Date.parse(only?.versions[0]?.created_at ?? '');
    expect(Date.parse(only?.rotation_due_at ?? '')).toBe(created + 30 * DAY);
    expect(await session.ok('rotate', '--due', '--dry-run')).toBe('');
  });

  it.each(['0', '1M', '-1d', '1.5h', '10', ''])('cannot be %j', async (text) => {
    const session = await openSession();
    await session.refused(2, ['create', 'a', ...KEY, `--rotate-every=${text}`]);
    await session.issue('a');
    await session.refused(2, ['edit', 'a', `--rotate-every=${text}`]);
  });
});

describe('what is due', () => {
  it('is listed now and within a time: what is active, by its policy', async () => {
    const session = await openSession();
    for (const [name, every] of [
      ['tonight', '30d'],
      ['off', '30d'],
    ] as const) {
      await session.issue(name, '--rotate-every', every);
    }
    makeOverdue(session.workspace.defaultStore);
    await session.issue('next-week', '--rotate-every', '7d');
    await session.issue('in-a-month', '--rotate-every', '31d');
    await session.issue('never');
    await session.ok('deactivate', 'off');
    const due = async (...flags: readonly string[]) =>
      (await session.json(listDocument, 'list', '--due', ...flags)).credentials.map(({ name }) => name);
    expect(await due()).toEqual(['tonight']);
    expect(await due('--within', '14d')).toEqual(['next-week', 'tonight']);
    expect(await due('--within', '5w')).toEqual(['in-a-month', 'next-week', 'tonight']);
    const preview = async (...flags: readonly string[]) =>
      readDocument(dryRunDocument, await session.ok('rotate', '--due', '--dry-run', '--json', ...flags));
    expect((await preview()).would_rotate).toEqual(await due());
    expect((await preview('--within', '14d')).would_rotate).toEqual(await due('--within', '14d'));
  });

  it('is what was not used for a while, told apart from what is too young to tell', async () => {
    const session = await openSession();
    const used = await session.issue('used');
    await session.issue('idle');
    const idle = async (time: string) =>
      (await session.json(listDocument, 'list', '--unused-for', time)).credentials.map(({ name }) => name);
    await expect.poll(() => idle('1s'), { timeout: 60_000 }).toEqual(['idle', 'used']);
    expect((await session.run(['verify'], { stdin: used })).exitCode).toBe(0);
    // A use shows within five seconds, and counts from then on.
    expect(await idle('1h')).toEqual([]);
    expect(await idle('90d')).toEqual([]);
  });
});

describe('a dry run', () => {
  it('changes nothing, needs no destination, and says what is in conflict', async () => {
    const { session } = await openNight(['a', 'b', 'c']);
    for (let n = 0; n < 4; n += 1) await session.ok('rotate', 'b', '-q');
    makeOverdue(session.workspace.defaultStore);
    const audit = await session.ok('audit', '--json');
    const { stdout, stderr, exitCode } = await session.run(['rotate', '--due', '--dry-run']);
    expect({ stdout, exitCode }).toEqual({ stdout: 'a\nc\n', exitCode: 0 });
    expect(stderr).toBe(
      'skipped b: b has 5 working secrets, and can have no more\n2 would be rotated, 1 skipped\n',
    );
    const document = await session.ok('rotate', '--due', '--dry-run', '--json', '--', 'false');
    expect(readDocument(dryRunDocument, document)).toEqual({
      schema_version: 1,
      would_rotate: ['a', 'c'],
      failed: [],
      skipped: [{ name: 'b', reason: 'conflict' }],
    });
    expect(await session.ok('audit', '--json')).toBe(audit);
  });

  it('says with --quiet what no run rotates until a secret of it ends, and nothing else', async () => {
    const { session } = await openNight(['a', 'b']);
    for (let n = 0; n < 4; n += 1) await session.ok('rotate', 'b', '-q');
    makeOverdue(session.workspace.defaultStore);
    const { stderr, exitCode } = await session.run(['rotate', '--due', '-q', '--', 'true']);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^skipped b: b has 5 working secrets, and can have no more; end the grace periods .*\n$/,
    );
  });

  it('foretells what the run then does', async () => {
    const { session } = await openNight(['a', 'b', 'c']);
    for (let n = 0; n < 4; n += 1) await session.ok('rotate', 'b', '-q');
    makeOverdue(session.workspace.defaultStore);
    const { exitCode, stdout } = await session.run(['rotate', '--due', '--json', '--output-dir', 'out']);
    expect(exitCode).toBe(0);
    expect(dueIn(stdout)).toEqual({
      schema_version: 1,
      rotated: ['a', 'c'],
      failed: [],
      skipped: [{ name: 'b', reason: 'conflict' }],
    });
  });

  it('of a store that does not exist is refused, and creates none', async () => {
    const session = await openSession();
    await session.refused(8, ['rotate', '--due', '--dry-run']);
    await session.refused(8, ['rotate', '--due', '--', 'true']);
    expect((await session.sh('ls "$XDG_DATA_HOME" 2>&1 || true')).stdout).toMatch(/No such file/);
  });
});
