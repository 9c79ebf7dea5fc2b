import { expect, it } from 'vitest';
import { KEY } from './saved.js';
import { describeWithKeyring, type KeyringSession } from './with-keyring.js';

/** The attributes of the entry of a credential's version, as every program finds it. */
async function entryOf(
  session: KeyringSession,
  name: string,
  version: number,
): Promise<Readonly<Record<string, string>>> {
  const username = `${await session.storeId()}/${await session.idOf(name)}/${version}`;
  return { service: 'credctl', username };
}

/** A command that finds out whether it was started. */
const STARTED = ['--', 'sh', '-c', 'touch started'];

describeWithKeyring('an entry of the keychain that something else has changed', (keyring, open) => {
  it.each([
    ['by hand', async () => 'edited by hand', 'it contains a text that is not a secret'],
    ['to nothing', async () => '', 'it contains a text that is not a secret'],
    [
      "to another credential's secret",
      async (session: KeyringSession) => (await session.ok('create', 'b', ...KEY, '-q')).trim(),
      'it contains another secret, cctl_key_',
    ],
  ])('%s goes nowhere, and is found', async (_how, content, what) => {
    const session = await open();
    await session.ok('create', 'a', ...KEY, '--keychain', '--no-print');
    const secret = await content(session);
    await keyring().save(await entryOf(session, 'a', 1), secret);
    for (const command of [
      ['keychain', 'get', 'a'],
      ['run', 'a', ...STARTED],
    ]) {
      const { stdout, stderr, message, hint } = await session.refused(5, command);
      expect(message).toContain(`the keychain entry for version 1 of a was changed: ${what}`);
      expect(hint).toContain('credctl rotate a --keychain');
      expect(stdout).toBe('');
      if (secret !== '') expect(stderr).not.toContain(secret);
    }
    expect((await session.sh('ls')).stdout).not.toContain('started');
    const { stdout } = await session.run(['store', 'check']);
    expect(stdout).toContain('warning: the keychain entry for version 1 of a was changed');
    await session.ok('rotate', 'a', '--keychain', '--no-print', '--now');
    await session.ok('run', 'a', ...STARTED);
    expect((await session.run(['store', 'check'])).stdout).not.toContain('(keychain)');
  });

  it('to the secret of the version before is no copy of the newer one', async () => {
    const session = await open();
    const older = (await session.ok('create', 'a', ...KEY, '--keychain')).trim();
    await session.ok('rotate', 'a', '--keychain', '--no-print');
    await keyring().save(await entryOf(session, 'a', 2), older);
    expect((await session.refused(5, ['keychain', 'get', 'a'])).message).toContain(
      'for version 2 of a was changed',
    );
  });
});
