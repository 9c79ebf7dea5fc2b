import { expect, it } from 'vitest';
import { z } from 'zod';
import { KEY, listed, STATE } from './saved.js';
import { describeWithKeyring, type KeyringSession } from './with-keyring.js';

const ENTRY = z.strictObject({
  schema_version: z.literal(1),
  entry: z.strictObject({ name: z.string(), version: z.int(), state: STATE, secret: z.string() }),
});

describeWithKeyring('keychain get', (_, open) => {
  it('says when nobody gets in with the secret for now', async () => {
    const session = await open();
    const secret = await session.ok('create', 'a', ...KEY, '--keychain', '-q');
    await session.ok('deactivate', 'a');
    expect(await session.run(['keychain', 'get', 'a'])).toEqual({
      exitCode: 0,
      stdout: secret,
      stderr: "note: a is inactive; 'credctl activate a' lets it work again\n",
    });
  });

  it('prints the bare secret and a newline, by name, id, client id and handle', async () => {
    const session = await open();
    const secret = (await session.ok('create', 'a', ...KEY, '--keychain', '-q')).trim();
    const handle = secret.slice(0, 'cctl_key_0123456789AB'.length);
    for (const reference of ['a', 'A', await session.idOf('a'), handle]) {
      expect(await session.ok('keychain', 'get', reference)).toBe(`${secret}\n`);
    }
    expect(await session.ok('keychain', 'get', 'a', '-q')).toBe(`${secret}\n`);
    expect(await session.json(ENTRY, 'keychain', 'get', 'a')).toMatchObject({
      entry: { name: 'a', version: 1, state: 'current', secret },
    });
    const created = JSON.parse(
      await session.ok('create', 'c', '--scope', 'data:users', '--keychain', '--json'),
    );
    expect(await session.ok('keychain', 'get', created.secret.client_id)).toBe(
      `${created.secret.client_secret}\n`,
    );
  });

  it('notes one that is retiring, and refuses one that is dead', async () => {
    const session = await open();
    const secret = await session.ok('create', 'a', ...KEY, '--keychain');
    await session.ok('rotate', 'a');
    const retiring = await session.run(['keychain', 'get', 'a']);
    expect(retiring).toMatchObject({ exitCode: 0, stdout: secret });
    expect(retiring.stderr).toContain('version 1 of a is retiring');
    expect((await session.run(['keychain', 'get', 'a', '--quiet'])).stderr).toBe('');
    await session.ok('rotate', 'a', '--now');
    const { stdout, hint, message } = await session.refused(5, ['keychain', 'get', 'a']);
    expect(stdout).toBe('');
    expect(message).toContain('version 1, which is revoked');
    expect(hint).toContain('credctl rotate a --keychain');
  });

  it('prefers one that works to a newer one that does not', async () => {
    const session = await open();
    const first = await session.ok('create', 'a', ...KEY, '--keychain');
    await killRotation(session);
    expect(await listed(session)).toEqual(['a 2 pending', 'a 1 current']);
    expect(await session.ok('keychain', 'get', 'a')).not.toBe(first);
    await session.ok('rotate', 'a', '--abort');
    expect(await session.ok('keychain', 'get', 'a')).toBe(first);
    expect(await listed(session)).toEqual(['a 1 current']);
  });

  it('finds the new one alone once a rotation that was cut off is completed', async () => {
    const session = await open();
    await session.ok('create', 'a', ...KEY, '--keychain');
    await killRotation(session);
    const second = await session.ok('keychain', 'get', 'a');
    await session.ok('rotate', 'a', '--resume');
    expect(await listed(session)).toEqual(['a 2 current']);
    expect(await session.ok('keychain', 'get', 'a')).toBe(second);
  });

  /** Rotates `a`; the command kills the program that waits for it, once the keychain has the new secret. */
  async function killRotation(session: KeyringSession): Promise<void> {
    await session.workspace.write(
      'kill.sh',
      'parent=$(ps -o ppid= -p $PPID | tr -d " "); grep -q rotate /proc/$parent/cmdline && kill -9 $parent',
    );
    const killed = await session.run(['rotate', 'a', '--keychain', '--', 'sh', 'kill.sh'], {
      ownProcess: true,
    });
    expect(killed.exitCode).toBe(137);
  }

  it('is exit 3 where there is no such credential, or nothing saved of it', async () => {
    const session = await open();
    await session.issue('a');
    expect((await session.refused(3, ['keychain', 'get', 'b'])).message).toContain('no credential');
    const { message, hint } = await session.refused(3, ['keychain', 'get', 'a']);
    expect(message).toContain('the keychain has no secret of a');
    expect(hint).toContain('credctl rotate a --keychain');
    const json = await session.run(['keychain', 'get', 'a', '--json']);
    expect(json.stdout).toBe('');
    expect(JSON.parse(json.stderr).error.code).toBe('not_found');
  });

  it('is exit 6 where the secret cannot be written, and exit 2 without a name', async () => {
    const session = await open();
    await session.ok('create', 'a', ...KEY, '--keychain');
    for (const output of ['> /dev/full', '> /dev/null', '>&-', '| true']) {
      const script = `{ sleep 0.2; credctl keychain get a; echo $? >&2; } ${output}`;
      expect((await session.sh(script)).stderr, output).toMatch(/^6$/m);
    }
    expect((await session.run(['keychain', 'get'])).exitCode).toBe(2);
    expect((await session.run(['keychain', 'gte', 'a'])).stderr).toContain('get');
  });
});
