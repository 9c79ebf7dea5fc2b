import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isAttended, keychainPatience } from '../../../src/system/keychain/patience.js';
import { FakeSecretService } from '../../support/keychain/secret-service.js';
import { openSession, type Session, sessionIn } from '../../support/program/run.js';
import { KEYS, openTerminal } from '../../support/program/terminal.js';

const WAITING = 'unlock the keychain: waiting up to 60 s';

/** A session whose keychain holds a secret of `ci-bot` and is locked. */
async function openLocked(): Promise<{ readonly session: Session; readonly keychain: FakeSecretService }> {
  const session = await openSession();
  const keychain = new FakeSecretService(join(session.workspace.directory, 'bus'));
  onTestFinished(() => keychain.close());
  const own = { ...session.workspace, env: { ...session.workspace.env, ...keychain.env } };

  const found = sessionIn(own);
  await found.workspace.configure('hash = "sha256"\nkeychain_timeout = "90s"\n');
  await found.issue('ci-bot', '--keychain');
  await found.workspace.configure('hash = "sha256"\n');
  keychain.misbehaviour = 'prompts forever';
  return { session: found, keychain };
}

describe('a keychain that is locked', () => {
  it('is waited for at a terminal until a person has unlocked it, who is told so', async () => {
    const { session, keychain } = await openLocked();
    const script = 'test -n "$CI_BOT_API_KEY" && echo has it';
    const terminal = openTerminal(session, `credctl run ci-bot -- sh -c '${script}'`);
    await terminal.waitFor(WAITING);
    keychain.unlock();
    const { exitCode, text } = await terminal.finished();
    expect(exitCode, text).toBe(0);
    expect(text).toContain('has it\n');
    expect(text.split(WAITING)).toHaveLength(2);
  });

  it('is given up with Ctrl-C, and nothing is issued', async () => {
    const { session } = await openLocked();
    for (const command of ['credctl keychain get ci-bot', 'credctl rotate ci-bot --keychain --no-print']) {
      const terminal = openTerminal(session, command);
      await terminal.waitFor(WAITING);
      terminal.type(KEYS.ctrlC);
      const { exitCode, text } = await terminal.finished();
      expect(exitCode, text).toBe(130);
      expect(text).not.toContain('unexpected error');
    }
    expect(JSON.parse(await session.ok('show', 'ci-bot', '--json')).credential.versions).toHaveLength(1);
  });

  it('is given a few seconds where nobody is there', async () => {
    const { session } = await openLocked();
    const { message, stderr } = await session.refused(6, ['keychain', 'get', 'ci-bot']);
    expect(message).toBe('the keychain did not answer in time (3 s)');
    expect(stderr).not.toContain('waiting');
  });

  it('is given the time that the configuration says, with a person too', async () => {
    const { session } = await openLocked();
    await session.workspace.configure('hash = "sha256"\nkeychain_timeout = "2s"\n');
    const { exitCode, text } = await openTerminal(session, 'credctl keychain get ci-bot').finished();
    expect(exitCode).toBe(6);
    expect(text).toContain('the keychain did not answer in time (2 s)');
  });
});

describe('a person', () => {
  it.each([
    [{}, false, false],
    [{ DISPLAY: '', WAYLAND_DISPLAY: '' }, false, false],
    [{ DISPLAY: ':0' }, false, true],
    [{ WAYLAND_DISPLAY: 'wayland-0' }, false, true],
    [{}, true, true],
  ])('may be there with %j and a terminal: %j', (env, isAtTerminal, expected) => {
    expect(isAttended(env, () => isAtTerminal)).toBe(expected);
    expect(keychainPatience(expected)).toBe(expected ? '60s' : '3s');
  });
});
