import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { preflightAccount } from '../../../src/system/preflight-entry.js';
import '../../support/patience.js';
import { onTerminal } from '../../support/terminal.js';
import { describeWithKeyring, type KeyringSession } from './with-keyring.js';

const KEY = ['--type', 'api-key', '--scope', 'data:users'];

const STATE = z.enum(['pending', 'current', 'retiring', 'retired', 'revoked', 'lapsed']);
const LIST = z.strictObject({
  schema_version: z.literal(1),
  entries: z.array(z.strictObject({ name: z.string(), version: z.int(), state: STATE })),
});
const ENTRY = z.strictObject({
  schema_version: z.literal(1),
  entry: z.strictObject({ name: z.string(), version: z.int(), state: STATE, secret: z.string() }),
});
const RESULTS = z.strictObject({
  schema_version: z.literal(1),
  results: z.array(z.strictObject({ name: z.string(), id: z.string(), ok: z.literal(true) })),
});

async function listed(session: KeyringSession): Promise<readonly string[]> {
  const { entries } = await session.json(LIST, 'keychain', 'list');
  return entries.map(({ name, version, state }) => `${name} ${version} ${state}`);
}

describeWithKeyring('keychain list', (keyring, open) => {
  it('shows what the keychain holds of this store, by name, without secrets', async () => {
    const session = await open();
    const secrets = [
      await session.ok('create', 'b', ...KEY, '--keychain'),
      await session.ok('create', 'a', ...KEY, '--keychain'),
    ];
    await session.ok('create', 'c', ...KEY);
    const { stdout, stderr } = await session.run(['keychain', 'list']);
    expect({ stdout, stderr }).toEqual({
      stdout: 'NAME\tVERSION\tSTATE\na\t1\tcurrent\nb\t1\tcurrent\n',
      stderr: '',
    });
    expect(await session.ok('keychain', 'list', '-q')).toBe(stdout);
    for (const secret of secrets) expect(stdout).not.toContain(secret.trim().slice(-40));
    const { text } = await onTerminal(session, 'credctl keychain list');
    expect(text).toMatch(/NAME +VERSION +STATE/);
    expect(text).toMatch(/a +1 +current/);
  });

  it('says how each of them is', async () => {
    const session = await open();
    await session.ok('create', 'a', ...KEY, '--keychain');
    expect(await listed(session)).toEqual(['a 1 current']);
    await session.ok('rotate', 'a');
    expect(await listed(session)).toEqual(['a 1 retiring']);
    await session.ok('rotate', 'a', '--finish', '--force');
    expect(await listed(session)).toEqual(['a 1 retired']);
    for (let n = 0; n < 11; n += 1) await session.ok('rotate', 'a', '--now');
    expect(await listed(session), 'long after the store has shown it last').toEqual(['a 1 retired']);
    await session.ok('delete', 'a', '--yes');
    expect(await listed(session)).toEqual([]);
  });

  it('is empty where there is nothing, and where there is no store', async () => {
    const session = await open();
    expect(await session.ok('keychain', 'list')).toBe('NAME\tVERSION\tSTATE\n');
    expect(await listed(session)).toEqual([]);
    const { text } = await onTerminal(session, 'credctl keychain list');
    expect(text).toContain('the keychain holds nothing of this store');
  });

  it('shows none of the entries that others have saved under our name', async () => {
    const session = await open();
    await session.ok('create', 'a', ...KEY, '--keychain');
    const store = await session.storeId();
    for (const username of [
      'x',
      `${store}/`,
      `${store}/a`,
      `${store}/a/b/1`,
      `${store}/a/0`,
      `${store}x/a/1`,
    ]) {
      await keyring().save({ service: 'credctl', username }, 'theirs');
    }
    await keyring().save({ service: 'another', username: `${store}/a/7` }, 'theirs');
    expect(await listed(session)).toEqual(['a 1 current']);
  });
});

describeWithKeyring('an entry that a kill during the preflight left', (keyring, open) => {
  it('is swept by the next look, unless its process lives or is of another machine', async () => {
    const session = await open();
    const living = preflightAccount();
    const [, host, pid, mark] = living.split('/');
    const dead = spawnSync('true').pid;
    const others = [`preflight/elsewhere/${dead}/${mark}`, `preflight/${host}/${pid}/${mark}`, 'preflight/x'];
    for (const username of [...others, `preflight/${host}/${dead}/${mark}`]) {
      await keyring().save({ service: 'credctl', username }, 'preflight');
    }
    expect(await listed(session)).toEqual([]);
    const left = (await keyring().entries()).map(({ account }) => account);
    expect(left).toEqual(others.toSorted());
  });
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

  it('prints the bare secret and a newline, by name, id and client id', async () => {
    const session = await open();
    const secret = (await session.ok('create', 'a', ...KEY, '--keychain', '-q')).trim();
    for (const reference of ['a', 'A', await session.idOf('a')]) {
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
    const killed = await session.run(['rotate', 'a', '--keychain', '--', 'sh', 'kill.sh']);
    expect(killed.exitCode).toBe(137);
  }

  it('is exit 3 where there is no such credential, or nothing saved of it', async () => {
    const session = await open();
    await session.issue('a');
    expect((await session.refused(3, ['keychain', 'get', 'b'])).message).toContain('no credential');
    const { message, hint } = await session.refused(3, ['keychain', 'get', 'a']);
    expect(message).toContain('the keychain holds no secret of a');
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

describeWithKeyring('keychain delete', (keyring, open) => {
  it('removes the entry; the credential goes on working', async () => {
    const session = await open();
    const secret = (await session.ok('create', 'a', ...KEY, '--keychain', '-q')).trim();
    await session.ok('create', 'b', ...KEY, '--keychain');
    const id = await session.idOf('a');
    const { results } = await session.json(RESULTS, 'keychain', 'delete', 'A', '--yes');
    expect(results).toEqual([{ name: 'a', id, ok: true }]);
    expect(await listed(session)).toEqual(['b 1 current']);
    expect((await keyring().entries()).filter(({ account }) => account.includes(id))).toEqual([]);
    expect((await session.run(['verify'], { stdin: secret })).exitCode).toBe(0);
    await session.refused(3, ['keychain', 'delete', 'a', '--yes']);
    await session.refused(3, ['keychain', 'delete', 'nobody', '--yes']);
  });

  it('says so, unless it is to be quiet', async () => {
    const session = await open();
    await session.ok('create', 'a', ...KEY, '--keychain');
    const { stdout, stderr } = await session.run(['keychain', 'delete', 'a', '--yes']);
    expect([stdout, stderr]).toEqual(['', 'the keychain holds no secret of a any more\n']);
    await session.ok('rotate', 'a', '--keychain');
    const quiet = await session.run(['keychain', 'delete', 'a', '--yes', '-q']);
    expect(quiet).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });

  it('needs --yes where nobody can be asked', async () => {
    const session = await open();
    await session.ok('create', 'a', ...KEY, '--keychain');
    expect((await session.refused(2, ['keychain', 'delete', 'a'])).hint).toContain('--yes');
    expect(await listed(session)).toEqual(['a 1 current']);
  });

  it('removes what a deleted credential has left, by its id', async () => {
    const session = await open();
    await session.ok('create', 'a', ...KEY, '--keychain');
    const id = await session.idOf('a');
    const away = await session.run(['delete', 'a', '--yes'], {
      env: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' },
    });
    expect(away).toMatchObject({ exitCode: 0 });
    expect(away.stderr).toContain(`credctl keychain delete ${id}`);
    expect(await listed(session)).toEqual([`${id} 1 revoked`]);
    await session.ok('keychain', 'delete', id, '--yes');
    expect(await listed(session)).toEqual([]);
    await session.refused(3, ['keychain', 'delete', id, '--yes']);
  });
});

describeWithKeyring('delete', (keyring, open) => {
  it('removes the entries of each credential', async () => {
    const session = await open();
    for (const name of ['a', 'b', 'c']) await session.ok('create', name, ...KEY, '--keychain');
    await session.ok('create', 'd', ...KEY);
    const store = await session.storeId();
    const { stderr } = await session.run(['delete', 'a', 'b', 'd', '--yes']);
    expect(stderr).toBe('deleted a\ndeleted b\ndeleted d\n');
    expect(await listed(session)).toEqual(['c 1 current']);
    expect((await keyring().entries()).filter(({ account }) => account.includes(store))).toHaveLength(1);
  });

  it('removes one that was saved so many rotations ago that the store shows it no more', async () => {
    const session = await open();
    await session.ok('create', 'a', ...KEY, '--keychain');
    for (let n = 0; n < 11; n += 1) await session.ok('rotate', 'a', '--now');
    expect(await listed(session)).toEqual(['a 1 retired']);
    await session.ok('delete', 'a', '--yes');
    expect(await listed(session)).toEqual([]);
  });
});
