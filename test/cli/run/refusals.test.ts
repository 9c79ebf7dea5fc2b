import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  describeWithKeyring,
  type UnlockedKeyring,
  unlockedKeyring,
} from '../../support/keychain/unlocked-keyring.js';
import type { Finished } from '../../support/program/run.js';
import { type KeptSession, openKept, shell } from './kept.js';

describeWithKeyring('credctl run', () => {
  let keyring: UnlockedKeyring;
  let session: KeptSession;

  beforeAll(async () => {
    keyring = await unlockedKeyring();
  });

  beforeEach(async () => {
    session = await openKept(keyring);
  });

  afterAll(() => keyring.stop());

  /** Runs a command that would leave a trace, and expects that it was refused before it began. */
  async function refuse(exitCode: number, ...names: readonly string[]): Promise<string> {
    const { message, hint, stdout } = await session.refused(exitCode, ['run', ...names, ...shell('> ran')]);
    expect(stdout).toBe('');
    expect(existsSync(session.workspace.path('ran')), 'it did not start').toBe(false);
    return `${message}: ${hint}`;
  }

  const runs = (): Promise<Finished> => session.run(['run', 'ci-bot', ...shell('echo "$CI_BOT_API_KEY"')]);

  it('refuses a credential that is not in the keychain, or not there at all', async () => {
    await session.issue('ci-bot');
    expect(await refuse(3, 'ci-bot')).toMatch(/has no secret of ci-bot: .*credctl rotate ci-bot --keychain/);
    expect(await refuse(3, 'nobody')).toContain('no credential "nobody"');
  });

  it('refuses a credential that was deleted', async () => {
    await session.keep('ci-bot');
    await session.ok('delete', 'ci-bot', '--yes');
    expect(await refuse(3, 'ci-bot')).toContain('no credential "ci-bot"');
  });

  it('refuses a credential that is switched off, by itself or with its owner', async () => {
    await session.ok('owner', 'create', 'team', '--kind', 'service');
    const key = await session.keep('ci-bot', '--owner', 'team');
    await session.ok('deactivate', 'ci-bot');
    expect(await refuse(5, 'ci-bot')).toBe(
      "ci-bot is inactive: 'credctl activate ci-bot' lets it work again",
    );
    await session.ok('activate', 'ci-bot');
    await session.ok('owner', 'deactivate', 'team');
    expect(await refuse(5, 'ci-bot')).toMatch(
      /^the owner of ci-bot is inactive: 'credctl owner activate team'/,
    );
    await session.ok('owner', 'activate', 'team');
    expect(await runs()).toMatchObject({ exitCode: 0, stdout: `${key}\n` });
  });

  it('refuses a credential that has expired', async () => {
    await session.keep('ci-bot', '--expires-in', '1s');
    await expect
      .poll(() => session.ok('show', 'ci-bot', '--json'), { timeout: 60_000 })
      .toContain('"expired"');
    expect(await refuse(5, 'ci-bot')).toMatch(/^ci-bot has expired: .*credctl edit ci-bot --expires-in/);
  });

  it('warns of a secret that is retiring, and refuses it once it has ended', async () => {
    const key = await session.keep('ci-bot');
    await session.ok('rotate', 'ci-bot', '-q');
    const { exitCode, stdout, stderr } = await runs();
    expect([exitCode, stdout]).toEqual([0, `${key}\n`]);
    expect(stderr).toMatch(
      /^note: the keychain's secret of ci-bot is version 1, which works until \S+Z; .*\n$/,
    );
    expect(await session.run(['run', 'ci-bot', '-q', '--', 'true'])).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    await session.ok('rotate', 'ci-bot', '--finish', '--force');
    expect(await refuse(5, 'ci-bot')).toMatch(/version 1, which is retired: .*rotate ci-bot --keychain/);
  });

  it('refuses a secret that was revoked for a leak', async () => {
    await session.keep('ci-bot');
    await session.ok('rotate', 'ci-bot', '--now', '-q');
    expect(await refuse(5, 'ci-bot')).toContain('version 1, which is revoked');
  });

  it('goes on with the secret that works when the keychain also holds one that was revoked', async () => {
    const key = await session.keep('ci-bot');
    const interrupted = [
      'rotate',
      'ci-bot',
      '--keychain',
      '--no-print',
      ...shell('kill -9 $(cat pid); sleep 5'),
    ];
    await session.sh(`sh -c 'echo $$ > pid; exec credctl "$@"' sh ${interrupted.map(quoted).join(' ')}`);
    await session.ok('rotate', 'ci-bot', '--abort');
    expect(await runs()).toMatchObject({ exitCode: 0, stdout: `${key}\n` });
  });

  it('refuses variables that would hold two secrets, or none that a program could read', async () => {
    await session.keep('ci-bot');
    await session.keep('ci/bot');
    await session.keepClient('crm');
    expect(await refuse(2, 'ci-bot', 'ci/bot')).toContain(
      'the variable CI_BOT_API_KEY would be set for both ci-bot and ci/bot',
    );
    expect(await refuse(2, 'ci-bot', 'ci-bot')).toContain('for ci-bot twice');
    expect(await refuse(2, 'ci-bot=KEY', 'ci/bot=KEY')).toContain('the variable KEY would be set for both');
    expect(await refuse(2, 'crm=A', 'ci-bot=A_CLIENT_SECRET')).toContain(
      'the variable A_CLIENT_SECRET would be set for both',
    );
    for (const name of ['', '1A', 'A-B', 'A B', 'B=C', 'Ä']) {
      expect(await refuse(2, `ci-bot=${name}`)).toContain('cannot name a variable');
    }
    expect(await refuse(2, '=KEY')).toContain('a name is missing');
  });

  it.each(['PATH', 'LD_PRELOAD', 'NODE_OPTIONS', 'BASH_ENV', 'IFS', 'HOME', 'CREDCTL_STORE'])(
    'refuses %s, which programs act upon',
    async (variable) => {
      await session.keep('ci-bot');
      expect(await refuse(2, `ci-bot=${variable}`)).toContain(variable);
    },
  );

  it('refuses a secret as a name or a variable, and does not repeat it', async () => {
    const key = await session.keep('ci-bot');
    for (const name of [key, `ci-bot=${key}`, `${key}=KEY`]) {
      expect(await refuse(2, name)).not.toContain(key.slice(-49));
    }
  });

  it.each([[[]], [['--']]])('refuses to run nothing: %j', async (end) => {
    await session.keep('ci-bot');
    const { message, hint } = await session.refused(2, ['run', 'ci-bot', ...end]);
    expect(`${message}: ${hint}`).toBe('run needs a command: credctl run NAME -- COMMAND ARGUMENT…');
    await session.refused(2, ['run', ...end, 'true']);
  });

  it('says which command is missing, and which cannot be executed', async () => {
    await session.keep('ci-bot');
    await session.workspace.write('text', 'echo ran\n');
    for (const [name, exitCode] of [
      ['nothing-of-that-name', 127],
      ['./missing', 127],
      ['', 127],
      ['./text', 126],
      ['.', 126],
      ['/etc', 126],
    ] as const) {
      const { message } = await session.refused(exitCode, ['run', 'ci-bot', '--', name]);
      expect(message).toContain(`"${name}"`);
    }
    const { stderr } = await session.run(['run', 'ci-bot', '--json', '--', './missing']);
    expect(JSON.parse(stderr)).toMatchObject({ schema_version: 1, error: { code: 'not_found' } });
    await chmod(session.workspace.path('text'), 0o700);
    expect(await session.run(['run', 'ci-bot', '--', './text']), 'as a shell does').toMatchObject({
      exitCode: 0,
      stdout: 'ran\n',
    });
    await session.workspace.write('script', '#!/no/such/interpreter\n');
    await chmod(session.workspace.path('script'), 0o700);
    await session.refused(127, ['run', 'ci-bot', '--', './script']);
  });

  it('ends as the command ends, and says nothing of it', async () => {
    await session.keep('ci-bot');
    for (const mask of [[], ['--mask']]) {
      for (const status of [0, 1, 2, 6, 126, 127, 128, 255]) {
        const ended = await session.run(['run', 'ci-bot', ...mask, ...shell(`exit ${status}`)]);
        expect(ended).toEqual({ exitCode: status, stdout: '', stderr: '' });
      }
      for (const [signal, exitCode] of [
        ['KILL', 137],
        ['TERM', 143],
        ['INT', 130],
        ['SEGV', 139],
        ['PIPE', 141],
      ] as const) {
        const ended = await session.run(['run', 'ci-bot', ...mask, ...shell(`kill -${signal} $$`)]);
        expect(ended).toEqual({ exitCode, stdout: '', stderr: '' });
      }
    }
  });
});

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
