import { lstat, mkdir, readdir, stat, symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../../support/program/run.js';
import { createDocument, credentialDocument, listDocument } from './shapes.js';

const CREATE = ['create', 'ci-bot', '--type', 'api-key', '--scope', 'data:users'];
const KEY = /^cctl_key_[0-9A-Za-z]{61}\n$/;

async function expectNothingCreated(session: Session): Promise<void> {
  const { credentials } = await session.json(listDocument, 'list');
  expect(credentials).toEqual([]);
}

describe('where the secret goes', () => {
  it.each([
    ['nothing said: stdout', [], true, false],
    ['--print', ['--print'], true, false],
    ['--output', ['--output', 'key'], false, true],
    ['--output --no-print', ['--output', 'key', '--no-print'], false, true],
    ['--output --print', ['--output', 'key', '--print'], true, true],
  ])('%s', async (_, flags, printed, written) => {
    const session = await openSession();
    const stdout = await session.ok(...CREATE, ...flags);
    if (printed) expect(stdout).toMatch(KEY);
    else expect(stdout).toBe('');
    expect(await readdir(session.workspace.directory)).toEqual(written ? ['key'] : []);
    if (written) expect(await session.workspace.read('key')).toMatch(KEY);
    expect(
      (await session.sh(printed ? `printf %s '${stdout}' | credctl verify` : 'credctl verify < key'))
        .exitCode,
    ).toBe(0);
  });

  it.each([
    ['with --json to a file only', ['--json'], null],
    ['with --json and another format for the file', ['--json', '--format', 'dotenv'], /^CI_BOT_API_KEY=/],
    ['with --json to both', ['--json', '--print'], KEY],
    [
      'with --json and --format json to both',
      ['--json', '--print', '--format', 'json'],
      /^\{"schema_version":1,/,
    ],
  ])('%s', async (_, flags, content) => {
    const session = await openSession();
    const { credential, secret, delivered_to } = createDocument.parse(
      JSON.parse(await session.ok(...CREATE, '--output', 'key', ...flags)),
    );
    const prints = flags.includes('--print');
    expect(credential.versions[0]?.state).toBe('current');
    expect(secret === null).toBe(!prints);
    expect(delivered_to.toSorted()).toEqual(prints ? ['file', 'stdout'] : ['file']);
    expect(await session.workspace.read('key')).toMatch(content ?? KEY);
  });

  it.each([
    ['nowhere', ['--no-print']],
    ['--force without --output', ['--force']],
    ['an empty --output', ['--output', '']],
    ['--json and another format on stdout', ['--json', '--format', 'dotenv']],
    [
      '--json and another format on stdout and in a file',
      ['--json', '--format', 'env', '--output', 'key', '--print'],
    ],
    ['an unknown format', ['--format', 'xml']],
  ])('%s is exit 2 and creates nothing', async (_, flags) => {
    const session = await openSession();
    expect(await session.run([...CREATE, ...flags])).toMatchObject({ exitCode: 2, stdout: '' });
    await expectNothingCreated(session);
    expect(await readdir(session.workspace.directory)).toEqual([]);
  });
});

describe('a file that a secret is written to', () => {
  it('can be read by its owner alone, whatever the umask, and by a group only where it replaces what that could read', async () => {
    const session = await openSession();
    await session.sh(`umask 000; credctl ${CREATE.join(' ')} --output key`);
    expect((await stat(session.workspace.path('key'))).mode & 0o777).toBe(0o600);
    await session.sh('umask 000; echo before > open');
    await session.ok('rotate', 'ci-bot', '--output', 'open', '--force');
    expect((await stat(session.workspace.path('open'))).mode & 0o777, 'nothing for others').toBe(0o660);
    expect(await readdir(session.workspace.directory), 'nothing else is left').toEqual(['key', 'open']);
  });

  it('is never replaced without --force, and then as a whole', async () => {
    const session = await openSession();
    await session.workspace.write('key', 'before');
    const { hint } = await session.refused(6, [...CREATE, '--output', 'key']);
    expect(hint).toContain('--force');
    expect(await session.workspace.read('key')).toBe('before');
    await expectNothingCreated(session);
    await session.ok(...CREATE, '--output', 'key', '--force');
    expect(await session.workspace.read('key')).toMatch(KEY);
  });

  it.each([[[]], [['--force']]])('is never reached through a symbolic link %j', async (force) => {
    const session = await openSession();
    await session.workspace.write('victim', 'before');
    await symlink('victim', session.workspace.path('link'));
    await symlink('nothing', session.workspace.path('dangling'));
    await session.refused(6, [...CREATE, '--output', 'link', ...force]);
    await session.refused(6, [...CREATE, '--output', 'dangling', ...force]);
    expect(await session.workspace.read('victim')).toBe('before');
    expect((await lstat(session.workspace.path('link'))).isSymbolicLink()).toBe(true);
    expect(await readdir(session.workspace.directory)).toEqual(['dangling', 'link', 'victim']);
    await expectNothingCreated(session);
  });

  it.each([
    ['a directory', 'directory'],
    ['in no directory', 'missing/key'],
    ['below a file', 'file/key'],
    ['a device', '/dev/null'],
    ['a pipe', 'pipe'],
    ['a name that is too long', 'x'.repeat(300)],
  ])('cannot be %s: exit 6, and nothing is created', async (_, path) => {
    const session = await openSession();
    await mkdir(session.workspace.path('directory'));
    await session.workspace.write('file', '');
    await session.sh('mkfifo pipe');
    for (const force of [[], ['--force']]) {
      const { stdout } = await session.refused(6, [...CREATE, '--output', path, ...force]);
      expect(stdout).toBe('');
    }
    await expectNothingCreated(session);
  });
});

describe('a rotation whose secret cannot be handed over', () => {
  it.each([
    ['--output existing', '--output existing', ''],
    ['--output in no directory', '--output missing/key', ''],
    ['a full device', '', '> /dev/full'],
    ['the null device', '', '> /dev/null'],
    ['a closed stdout', '', '>&-'],
    ['a file, and a full device', '--output key --print', '> /dev/full'],
  ])('to %s is exit 6, leaves no file, and the old secret is all there is', async (_, flags, redirection) => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.workspace.write('existing', '');
    const { exitCode } = await session.sh(`credctl rotate ci-bot ${flags} ${redirection}`);
    expect(exitCode).toBe(6);
    const { credential } = await session.json(credentialDocument, 'show', 'ci-bot');
    const live = credential.versions.filter(({ state }) => state !== 'revoked');
    expect(live).toMatchObject([{ version: 1, state: 'current', retires_at: null }]);
    expect((await session.run(['verify'], { stdin: secret })).exitCode).toBe(0);
    expect(await readdir(session.workspace.directory)).toEqual(['existing']);
  });

  it('into a pipe that nobody reads is exit 6 as well', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.sh(
      'mkfifo closed; { cat closed; credctl rotate ci-bot; echo "$?" > code; } | { exec <&-; : > closed; }',
    );
    expect(await session.workspace.read('code')).toBe('6\n');
    const { credential } = await session.json(credentialDocument, 'show', 'ci-bot');
    expect(credential.versions.map(({ state }) => state)).toEqual(['revoked', 'current']);
  });
});
