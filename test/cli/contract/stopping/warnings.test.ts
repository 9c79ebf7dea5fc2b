import { describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../../support/program/run.js';
import { createdAgo, DAY, FROM, HOUR, usedAgo } from './used.js';

/** What a command that succeeds notes. */
async function notesOf(session: Session, ...args: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await session.run(args);
  expect(exitCode, stderr).toBe(0);
  return stderr;
}

describe('what is noted before something live is cut', () => {
  it('deactivate: when and from where it was last used, to the millisecond in a pipe', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const at = usedAgo(session, 'ci-bot', 3 * DAY);
    expect(await notesOf(session, 'deactivate', 'ci-bot')).toBe(
      `note: 1 credential stops: ci-bot, last used ${at} from ${FROM}\ndeactivated ci-bot\n`,
    );
  });

  it('delete --yes: the same, and nothing of what did not work', async () => {
    const session = await openSession();
    for (const name of ['a', 'b', 'off']) await session.issue(name);
    await session.ok('deactivate', 'off');
    const at = usedAgo(session, 'b', HOUR);
    expect(await notesOf(session, 'delete', 'a', 'b', 'off', '--yes')).toBe(
      `note: 2 credentials stop:\n  b, last used ${at} from ${FROM}\n  a, never used\ndeleted a\ndeleted b\ndeleted off\n`,
    );
  });

  it('rotate --now: the secrets that end, with their own uses', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const at = usedAgo(session, 'ci-bot', HOUR);
    const notes = await notesOf(session, 'rotate', 'ci-bot', '--now', '--output', 'key');
    expect(notes).toContain(
      `note: 1 older secret of ci-bot stops once the new one is delivered: version 1, last used ${at} from ${FROM}\n`,
    );
    await session.ok('rotate', 'ci-bot', '--output', 'key', '--force');
    const more = await notesOf(session, 'rotate', 'ci-bot', '--now', '--output', 'key', '--force');
    expect(more).toContain('note: 2 older secrets of ci-bot stop once the new one is delivered:\n');
    expect(more).toContain('\n  version 3, never used\n  version 2, never used\n');
  });

  it('rotate --now that has nothing to do, and rotate with a grace: nothing', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const spared = await notesOf(session, 'rotate', 'ci-bot', '--now', '--if-older-than', '1d');
    expect(spared).toBe('the secret of ci-bot is younger than that; nothing was changed\n');
    expect(await notesOf(session, 'rotate', 'ci-bot', '--output', 'key')).not.toContain('stop');
  });

  it.each([
    ['deactivate', 'deactivated owner crm\n6 credentials stopped: a, b, c, d, e, f\n'],
    ['delete', 'note: 7 credentials of crm are now inactive\ndeleted owner crm\n'],
  ])('owner %s: how many, and the latest five', async (command, told) => {
    const session = await openSession();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'off']) await session.issue(name, '--owner', 'crm');
    await session.ok('deactivate', 'off');
    const at = usedAgo(session, 'f', HOUR);
    expect(await notesOf(session, 'owner', command, 'crm', '--yes')).toBe(
      `note: 6 credentials stop:\n  f, last used ${at} from ${FROM}\n${['a', 'b', 'c', 'd']
        .map((name) => `  ${name}, never used\n`)
        .join('')}  and 1 more\n${told}`,
    );
  });

  it('is not said with --quiet or --json', async () => {
    const session = await openSession();
    await session.issue('a');
    await session.issue('b');
    expect(await notesOf(session, 'deactivate', 'a', '-q')).toBe('');
    expect(await notesOf(session, 'delete', 'a', 'b', '--yes', '--json')).toBe('');
  });
});

describe('--unless-used-within', () => {
  it('refuses what was used, names when and from where, and changes nothing', async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await session.issue('ci-bot', '--owner', 'crm');
    const at = usedAgo(session, 'ci-bot', HOUR);
    const before = await session.ok('audit', 'export');
    for (const command of [
      ['deactivate', 'ci-bot'],
      ['delete', 'ci-bot', '--yes'],
      ['rotate', 'ci-bot', '--now', '--output', 'key'],
      ['owner', 'deactivate', 'crm'],
      ['owner', 'delete', 'crm', '--yes'],
    ]) {
      const { message, hint } = await session.refused(5, [...command, '--unless-used-within', '2h']);
      expect(message).toMatch(/ci-bot was last used/);
      expect(message).toContain(`last used ${at} from ${FROM}: within 2h`);
      expect(hint).toContain('--unless-used-within');
    }
    expect(await session.ok('audit', 'export')).toBe(before);
    expect(await notesOf(session, 'deactivate', 'ci-bot', '--unless-used-within', '30m')).toContain(
      'note: 1 credential stops',
    );
  });

  it('of several: each is its own result, and the note leaves the refused ones out', async () => {
    const session = await openSession();
    for (const name of ['a', 'b']) await session.issue(name);
    usedAgo(session, 'a', HOUR);
    const { exitCode, stderr } = await session.run(['deactivate', 'a', 'b', '--unless-used-within', '1d']);
    expect(exitCode).toBe(7);
    expect(stderr).toMatch(
      /^note: 1 credential stops: b, never used\ncredctl: a was last used .*\nhint: .*\ndeactivated b\n$/,
    );
  });

  it('beside what does not exist, says of each what is wrong once', async () => {
    const session = await openSession();
    await session.issue('b');
    usedAgo(session, 'b', HOUR);
    const line = ['delete', 'gone', 'b', '--yes', '--unless-used-within', '1d'];
    const { exitCode, stderr } = await session.run(line);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /^credctl: no credential "gone"\nhint: .*\ncredctl: nothing was done: b was last used .*\nhint: nothing was stopped.*\n$/,
    );
    const json = await session.run([...line, '--json']);
    expect(json.exitCode).toBe(3);
    expect(JSON.parse(json.stderr).error).toMatchObject({
      code: 'not_found',
      message: expect.stringMatching(/^nothing was done: no credential "gone"; b was last used/),
    });
  });

  it('means nothing to a rotation with a grace, or to a step', async () => {
    const session = await openSession();
    await session.issue('a');
    for (const flags of [[], ['--finish'], ['--grace', '1h']]) {
      await session.refused(2, ['rotate', 'a', ...flags, '--unless-used-within', '1d']);
    }
    await session.refused(2, ['rotate', '--due', '--unless-used-within', '1d', '--dry-run']);
    await session.refused(2, ['deactivate', 'a', '--unless-used-within', '0']);
  });
});

describe('--if-revision', () => {
  it.each([
    ['activate'],
    ['deactivate'],
    ['rotate', '--output', 'key'],
    ['delete', '--yes'],
    ['edit', '--label', 'a=1'],
  ])('%s: another revision is a conflict that names both', async (command, ...flags) => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('edit', 'ci-bot', '--description', 'edited');
    const line = [command, 'ci-bot', ...flags];
    const { message, hint } = await session.refused(5, [...line, '--if-revision', '1']);
    expect(message).toBe('ci-bot was edited: its revision is 2, not 1');
    expect(hint).toContain('credctl show ci-bot');
    await session.ok(...line, '--if-revision', '2');
  });

  it.each(['activate', 'deactivate', 'delete'])('%s: is for one name', async (command) => {
    const session = await openSession();
    for (const name of ['a', 'b']) await session.issue(name);
    const { message } = await session.refused(2, [command, 'a', 'b', '--if-revision', '1', '--yes']);
    expect(message).toContain('--if-revision works with one name only');
    await session.refused(2, ['rotate', '--due', '--if-revision', '1', '--dry-run']);
  });
});

describe('what is so already', () => {
  it('is said of credentials and owners, as a success', async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await session.issue('a');
    await session.issue('b');
    await session.ok('deactivate', 'a');
    createdAgo(session, 'a', DAY);
    expect(await notesOf(session, 'deactivate', 'a')).toBe('a is already inactive\n');
    expect(await notesOf(session, 'deactivate', 'a', 'b')).toContain(
      'a is already inactive\ndeactivated b\n',
    );
    await session.ok('activate', 'a');
    expect(await notesOf(session, 'activate', 'a')).toBe('a is already active\n');
    expect(await notesOf(session, 'owner', 'activate', 'crm')).toContain('owner crm is already active\n');
    await session.ok('owner', 'deactivate', 'crm');
    expect(await notesOf(session, 'owner', 'deactivate', 'crm')).toBe('owner crm is already inactive\n');
  });
});
