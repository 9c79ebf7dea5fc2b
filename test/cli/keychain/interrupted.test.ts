import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FakeSecretService } from '../../support/keychain/secret-service.js';
import { openSession, type Session, sessionIn, startIn } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { KEY } from './saved.js';

/** A session with a secret of `ci-bot` in a keychain that does not answer any more. */
async function openSilent(): Promise<{ readonly session: Session; readonly keychain: FakeSecretService }> {
  const opened = await openSession();
  const keychain = new FakeSecretService(join(opened.workspace.directory, 'bus'));
  onTestFinished(() => keychain.close());
  const session = sessionIn({
    ...opened.workspace,
    env: { ...opened.workspace.env, ...keychain.env },
  });
  await session.workspace.configure('hash = "sha256"\nkeychain_timeout = "10m"\n');
  await session.issue('ci-bot', '--keychain');
  keychain.misbehaviour = 'hangs at connecting';
  return { session, keychain };
}

/** Runs a command until it waits for the keychain, and sends a signal. */
async function signalled(
  { session, keychain }: Awaited<ReturnType<typeof openSilent>>,
  signal: NodeJS.Signals,
  argv: readonly string[],
) {
  const before = keychain.connections;
  const run = startIn(session, argv);
  onTestFinished(() => void run.kill('SIGKILL'));
  let hasEnded = false;
  const ended = run.then(({ exitCode, signal: by, stdout, stderr }) => {
    hasEnded = true;
    return { exitCode, by, stdout, stderr };
  });
  await until(() => keychain.connections > before || hasEnded);
  run.kill(signal);
  return ended;
}

const SAID = {
  SIGINT: [130, 'credctl: interrupted; nothing was changed\n'],
  SIGTERM: [143, 'credctl: terminated; nothing was changed\n'],
  SIGHUP: [143, 'credctl: terminated; nothing was changed\n'],
} as const;

describe('a signal while the keychain does not answer', () => {
  it.each([
    ['SIGINT', ['create', 'new', ...KEY, '--keychain', '--no-print']],
    ['SIGTERM', ['create', 'new', ...KEY, '--keychain', '--no-print']],
    ['SIGINT', ['rotate', 'ci-bot', '--keychain', '--no-print']],
    ['SIGINT', ['keychain', 'list']],
    ['SIGHUP', ['keychain', 'list']],
    ['SIGINT', ['keychain', 'get', 'ci-bot']],
    ['SIGTERM', ['keychain', 'delete', 'ci-bot', '--yes']],
    ['SIGINT', ['run', 'ci-bot', '--', 'echo', 'hello']],
    ['SIGTERM', ['run', 'ci-bot', '--', 'echo', 'hello']],
    ['SIGINT', ['store', 'check']],
  ] as const)('%s ends %j, which says that nothing was changed', async (signal, argv) => {
    const silent = await openSilent();
    const { exitCode, by, stdout, stderr } = await signalled(silent, signal, argv);
    expect({ exitCode, by, stdout, stderr }).toMatchObject({
      exitCode: SAID[signal][0],
      stdout: '',
      stderr: SAID[signal][1],
    });
    const { session } = silent;
    expect(JSON.parse(await session.ok('list', '--json')).credentials).toHaveLength(1);
    expect(JSON.parse(await session.ok('show', 'ci-bot', '--json')).credential.versions).toHaveLength(1);
  });

  it('SIGINT ends delete after the first one, and says what was deleted', async () => {
    const silent = await openSilent();
    const { session } = silent;
    await session.issue('other');
    // Open beside the command, so that the log is there afterwards.
    const beside = new Database(session.workspace.defaultStore);
    onTestFinished(() => void beside.close());
    beside.prepare('select count(*) from credential').get();
    const argv = ['delete', 'ci-bot', 'other', '--yes'];
    const { exitCode, stderr } = await signalled(silent, 'SIGINT', argv);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 130,
      stderr: expect.stringMatching(
        /credctl: interrupted; ci-bot was deleted, but the keychain may keep a dead copy of its secret\n.*credctl keychain delete \S{36} removes it/,
      ),
    });
    expect(statSync(`${session.workspace.defaultStore}-wal`).size, 'nothing deleted is left in the log').toBe(
      0,
    );
    expect(await session.ok('list', '--json')).toContain('"other"');
    expect(await session.ok('list', '--json')).not.toContain('"ci-bot"');
  });
});
