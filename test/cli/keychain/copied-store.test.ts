import { expect, it } from 'vitest';
import { KEY, listed } from './saved.js';
import { describeWithKeyring, type KeyringSession } from './with-keyring.js';

/** A store with `a`, whose secret only the keychain has, and a copy of its file. */
async function copied(
  open: () => Promise<KeyringSession>,
): Promise<{ session: KeyringSession; copy: readonly string[] }> {
  const session = await open();
  await session.ok('create', 'a', ...KEY, '--keychain', '--no-print');
  await session.sh('mkdir -m 0700 trial');
  const path = session.workspace.path('trial/copy.db');
  expect((await session.sh(`cp -p '${session.workspace.defaultStore}' '${path}'`)).exitCode).toBe(0);
  return { session, copy: ['--store', path] };
}

const NOTE =
  /^note: this store is a copy of \S+ and has the same id; 'credctl store adopt' makes it independent$/m;

describeWithKeyring('a copy of a store', (keyring, open) => {
  it('takes nothing of the original out of the keychain, whatever is done in it', async () => {
    const { session, copy } = await copied(open);
    const before = await keyring().entries();
    for (const command of [
      ['rotate', 'a', '--keychain', '--no-print', '--now'],
      ['rotate', '--due', '--keychain'],
      ['create', 'b', ...KEY, '--keychain', '--no-print'],
      ['keychain', 'get', 'a'],
      ['keychain', 'list'],
      ['keychain', 'delete', 'a', '--yes'],
      ['run', 'a', '--', 'true'],
    ]) {
      const words = command.includes('--')
        ? [command[0] ?? '', ...copy, ...command.slice(1)]
        : [...command, ...copy];
      const { exitCode, stderr } = await session.run(words);
      expect([command.join(' '), exitCode]).toEqual([command.join(' '), 5]);
      expect(stderr).toMatch(NOTE);
      expect(stderr).toMatch(/\ncredctl: this store is a copy of .*\nhint: .*credctl store adopt/);
    }
    expect(await session.ok('show', 'a', ...copy)).toContain('version 1: current');
    const checked = await session.run(['store', 'check', ...copy]);
    expect(checked).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('were not checked') });
    const deleted = await session.run(['delete', 'a', '--yes', ...copy]);
    expect(deleted.exitCode).toBe(0);
    expect(deleted.stderr).toContain('note: the keychain entries of a were not removed');
    expect(await keyring().entries()).toEqual(before);
    await session.ok('run', 'a', '--', 'true');
  });

  it('has entries of its own once it was adopted, and every secret is good in both', async () => {
    const { session, copy } = await copied(open);
    const secret = await session.ok('keychain', 'get', 'a');
    const adopted = await session.run(['store', 'adopt', ...copy]);
    expect(adopted.exitCode).toBe(0);
    expect(adopted.stderr).toContain('note: every secret works in both stores');
    expect((await session.run(['list', ...copy])).stderr).toBe('');
    expect((await session.run(['verify', ...copy], { stdin: secret })).exitCode).toBe(0);
    expect((await session.refused(3, ['keychain', 'get', 'a', ...copy])).message).toContain(
      'has no secret of a',
    );
    await session.ok('rotate', 'a', '--keychain', '--no-print', '--now', ...copy);
    expect(await session.ok('keychain', 'get', 'a', ...copy)).not.toBe(secret);
    expect(await session.ok('keychain', 'get', 'a')).toBe(secret);
    expect(await listed(session)).toEqual(['a 1 current']);
  });
});
