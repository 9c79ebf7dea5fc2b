import { expect, it } from 'vitest';
import { z } from 'zod';
import { KEY, listed } from './saved.js';
import { describeWithKeyring } from './with-keyring.js';

const RESULTS = z.strictObject({
  schema_version: z.literal(1),
  results: z.array(z.strictObject({ name: z.string(), id: z.string(), ok: z.literal(true) })),
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
    expect([stdout, stderr]).toEqual(['', 'removed the secret of a from the keychain\n']);
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
    expect(stderr).toMatch(
      /^note: 3 credentials stop:\n(?: {2}\w, never used\n){3}deleted a\ndeleted b\ndeleted d\n$/,
    );
    expect(await listed(session)).toEqual(['c 1 current']);
    expect((await keyring().entries()).filter(({ account }) => account.includes(store))).toHaveLength(1);
  });

  it('removes the entries of what is selected because nobody uses it', async () => {
    const session = await open();
    for (const name of ['a', 'b']) await session.ok('create', name, ...KEY, '--keychain');
    await session.sh('sleep 1.1');
    await session.ok('delete', '--unused-for', '1s', '--force', '--yes');
    expect(await session.ok('list', '-q')).not.toContain('api-key');
    expect(await listed(session)).toEqual([]);
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
