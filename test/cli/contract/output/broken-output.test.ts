import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';
import { runCaptured } from '../../captured-host.js';

/** Runs what follows with its output into a pipe whose reader has gone for certain, and tells the exit code. */
const INTO_CLOSED_PIPE = (command: string): string =>
  `mkfifo closed; { cat closed; ${command} 2> err; echo "$?" > code; } | { exec <&-; : > closed; }`;

describe('output that nobody reads', () => {
  it.each([
    'list',
    'list --json',
    'show ci-bot',
    'audit',
    'audit export',
    'catalog show',
    'store info',
    '--help',
  ])('ends %s quietly with 141', async (command) => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.sh(INTO_CLOSED_PIPE(`credctl ${command}`));
    expect(await session.workspace.read('err')).toBe('');
    expect(await session.workspace.read('code')).toBe('141\n');
  });

  it('does not disturb a reader that has seen enough', async () => {
    const session = await openSession();
    const long = ['--description', 'a long description '.repeat(50)];
    for (let index = 0; index < 75; index += 1) {
      const argv = [
        'create',
        `a${index}`,
        '--scope',
        'data:users',
        '-q',
        '--output',
        'secret',
        '--force',
        ...long,
      ];
      expect((await runCaptured(session.workspace, argv, '')).exitCode).toBe(0);
    }
    const { length } = await session.ok('list', '--limit', '1000', '--json');
    expect(length, 'more than fits into a pipe').toBeGreaterThan(2 ** 16);
    const { exitCode, stdout, stderr } = await session.sh('credctl list --limit 1000 --json | head -c 5');
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: '{"sch',
      stderr: '',
    });
  });
});

describe('output that cannot be written', () => {
  const FULL = /^(note: .*\n)*credctl: the output could not be written: no space left\nhint: make room .*\n$/;

  it.each([
    ['list', 'list --json', 'list --format csv', 'list --format table', 'list --search nothing'],
    ['show ci-bot', 'show ci-bot --json', 'owner list', 'owner show crm', 'owner show crm --json'],
    ['audit', 'audit --json', 'audit show 1', 'audit verify', 'audit export', 'audit export --json'],
    ['audit export --follow', 'rotate --due --dry-run --json'],
    ['catalog show', 'catalog show --json', 'catalog presets', 'catalog show empty'],
    ['store info', 'store info --json', 'store check', 'store check --json', 'verify', 'verify --json'],
    ['--help', 'help rotate', '--version', 'completion bash', ''],
  ])('%s and others: no space is left there, exit code 8', async (...commands) => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    for (const command of commands) {
      const ended = await session.sh(`credctl ${command} > /dev/full`, { stdin: secret });
      expect({ command, exitCode: ended.exitCode }, ended.stderr).toEqual({ command, exitCode: 8 });
      if (!command.includes('--json')) expect(ended.stderr).toMatch(FULL);
      else expect(JSON.parse(ended.stderr).error).toMatchObject({ code: 'store_unavailable' });
    }
  });

  it('the result of a change: what was changed stays so, and the hint says it', async () => {
    const session = await openSession();
    for (const name of ['ci-bot', 'other']) await session.issue(name);
    for (const command of [
      'edit ci-bot --label a=1',
      'deactivate ci-bot',
      'activate ci-bot other',
      'owner create crm --kind service',
      'delete ci-bot --yes',
      'store set --hash sha256',
    ]) {
      const { exitCode, stderr } = await session.sh(`credctl ${command} --json > /dev/full`);
      expect({ command, exitCode }, stderr).toEqual({ command, exitCode: 8 });
      expect(JSON.parse(stderr).error.hint).toMatch(/; what the command has changed stays changed$/);
    }
    const { credentials } = JSON.parse(await session.ok('list', '--json'));
    expect(credentials.map(({ name }: { name: string }) => name)).toEqual(['other']);
  });

  it('a failure that cannot be told is still told by the exit code', async () => {
    const session = await openSession();
    expect((await session.sh('credctl show nobody 2> /dev/full')).exitCode).toBe(3);
    expect((await session.sh('credctl show nobody 2>&-')).exitCode).toBe(3);
    expect((await session.sh('credctl show nobody --json 2> /dev/full >&-')).exitCode).toBe(3);
  });

  it.each(['2> /dev/full', '2>&-'])(
    'notes that go nowhere (%s) do not change the outcome',
    async (redirection) => {
      const session = await openSession();
      const first = await session.sh(
        `credctl create ci-bot --type api-key --scope data:users ${redirection} > first`,
      );
      expect(first.exitCode).toBe(0);
      const second = await session.sh(`credctl rotate ci-bot ${redirection} > second`);
      expect(second.exitCode).toBe(0);
      expect((await session.sh('credctl verify < first && credctl verify < second')).exitCode).toBe(0);
      expect((await session.sh(`credctl delete ci-bot --yes ${redirection}`)).exitCode).toBe(0);
    },
  );
});

describe('input that cannot be read', () => {
  it.each(['verify', 'catalog apply -f -'])(
    '%s from a directory is no bug of the program',
    async (command) => {
      const session = await openSession();
      const { exitCode, stderr } = await session.sh(`credctl ${command} < .`);
      expect(exitCode).not.toBe(0);
      expect(exitCode, stderr).not.toBe(1);
    },
  );

  it('verify from a closed stdin has nothing to verify', async () => {
    const session = await openSession();
    const { exitCode, stdout, stderr } = await session.sh('credctl verify <&-');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^credctl: no secret was given/);
  });
});
