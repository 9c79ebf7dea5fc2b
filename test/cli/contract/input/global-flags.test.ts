import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';
import { auditDocument, credentialDocument, listDocument } from '../output/shapes.js';

describe('a global flag works before and after the command', () => {
  it('--json', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const after = await session.ok('show', 'ci-bot', '--json');
    expect(await session.ok('--json', 'show', 'ci-bot')).toBe(after);
    expect(await session.ok('show', '--json', 'ci-bot')).toBe(after);
    const events = await session.ok('audit', 'list', '--json');
    expect(await session.ok('--json', 'audit')).toBe(events);
    expect(await session.ok('audit', '--json', 'list')).toBe(events);
  });

  it('--store', async () => {
    const session = await openSession();
    await session.issue('here', '--store', 'team.db');
    const { credentials } = await session.json(listDocument, '--store', 'team.db', 'list');
    expect(credentials.map(({ name }) => name)).toEqual(['here']);
    expect(await session.ok('--store=team.db', 'list')).toBe(await session.ok('list', '--store=team.db'));
    expect(await session.ok('list', '--store=team.db')).toContain('here');
  });

  it('--quiet, --yes, --no-input, --no-color', async () => {
    const session = await openSession();
    await session.issue('one');
    await session.issue('two');
    expect(await session.run(['-q', '-y', 'delete', 'one'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await session.run(['delete', 'two', '-qy'])).toMatchObject({ exitCode: 0, stderr: '' });
    await session.ok('--no-input', '--no-color', 'list');
    await session.ok('list', '--no-input', '--no-color');
  });

  it('--reason', async () => {
    const session = await openSession();
    await session.issue('ci-bot', '--reason', 'first');
    await session.ok('--reason', 'second: list', 'deactivate', 'ci-bot');
    const { events } = await session.json(auditDocument, 'audit', '--target', 'ci-bot');
    expect(events.map(({ reason }) => reason)).toEqual(['second: list', 'first', 'first']);
  });

  it('--version and --help end with 0 and write to stdout only', async () => {
    const session = await openSession();
    for (const flag of ['--version', '--help', '-h']) {
      const { exitCode, stdout, stderr } = await session.run([flag]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toMatch(flag === '--version' ? /^credctl \d+\.\d+\.\d+\n$/ : /^Usage: credctl /);
    }
  });
});

describe('values are taken as they are given', () => {
  it.each(['-yolo', '-q', '-y', '-qy', '-json', '--json', '--yes', '-h', '--no-input'])(
    'a text %j is kept whole or refused, never taken apart',
    async (text) => {
      const session = await openSession();
      for (const args of [['--description', text], [`--description=${text}`]]) {
        const name = `x${args.length}`;
        const { exitCode } = await session.run(['create', name, '--scope', 'data:users', ...args]);
        const { stdout } = await session.run(['show', name, '--json']);
        if (exitCode === 0 && stdout !== '') {
          const { credential } = credentialDocument.parse(JSON.parse(stdout));
          expect(credential.description).toBe(text);
        } else {
          expect(exitCode === 2 || stdout === '', `${args.join(' ')} ended with ${exitCode}`).toBe(true);
        }
      }
    },
  );

  it('a file whose name begins with a flag is written under that name or refused', async () => {
    const session = await openSession();
    const { exitCode } = await session.run(['create', 'x', '--scope', 'data:users', '--output', '-qfile']);
    const { stdout: files } = await session.sh('ls');
    expect(files).toBe(exitCode === 0 ? '-qfile\n' : '');
  });

  it('the last of a flag that takes one value counts, a repeated one adds up', async () => {
    const session = await openSession();
    await session.issue(
      'x',
      '--description',
      'one',
      '--description',
      'two',
      '--label',
      'a=1',
      '--label',
      'b=2',
    );
    const { credential } = await session.json(credentialDocument, 'show', 'x');
    expect(credential).toMatchObject({ description: 'two', labels: { a: '1', b: '2' } });
  });

  it('what follows -- is never silently left out', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const alone = await session.run(['--', 'list']);
    expect(alone.exitCode === 2 || alone.stdout.includes('ci-bot'), JSON.stringify(alone)).toBe(true);
    expect(await session.ok('show', '--', 'ci-bot')).toContain('ci-bot');
    await session.refused(2, ['list', '--', 'something']);
  });
});
