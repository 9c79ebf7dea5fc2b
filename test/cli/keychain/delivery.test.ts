import { readdir } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import { startGnomeKeyring } from '../../support/keychain/gnome-keyring.js';
import { onlySecretIn } from '../../support/stores/store-probe.js';
import { KEY } from './saved.js';
import { describeWithKeyring, type KeyringSession, openKeyringSession } from './with-keyring.js';

describeWithKeyring('create --keychain saves a copy of the secret', (keyring, open) => {
  it('under an account of the store, the credential and the version', async () => {
    const session = await open();
    const secret = (await session.ok('create', 'ci-bot', ...KEY, '--keychain')).trim();
    const account = `${await session.storeId()}/${await session.idOf('ci-bot')}/1`;
    expect(await entriesOf(session)).toEqual([{ account, secret }]);
    expect(await verdictOn(session, secret)).toBe('valid');
  });

  it('of an OAuth client, the client secret', async () => {
    const session = await open();
    const printed = await session.ok('create', 'crm', '--scope', 'data:users', '--keychain');
    expect(await entriesOf(session)).toMatchObject([{ secret: onlySecretIn(printed) }]);
  });

  it('besides a file and a command, or as the only place', async () => {
    const session = await open();
    const { stdout, stderr } = await session.run(['create', 'only', ...KEY, '--keychain', '--no-print']);
    expect(stdout).toBe('');
    expect(stderr).toContain('the keychain has a copy of the secret');
    await session.ok('create', 'filed', ...KEY, '--keychain', '--output', 'filed.key');
    await session.ok('create', 'told', ...KEY, '--keychain', '--', 'sh', '-c', 'cat > told.key');
    const [only, filed, told] = (await entriesOf(session)).map(({ secret }) => secret);
    expect(await verdictOn(session, only ?? '')).toBe('valid');
    expect(await session.workspace.read('filed.key')).toBe(`${filed}\n`);
    expect(await session.workspace.read('told.key')).toBe(told);
  });

  it('and says so in its document', async () => {
    const session = await open();
    const printed = JSON.parse(await session.ok('create', 'both', ...KEY, '--keychain', '--json'));
    expect(printed.delivered_to).toEqual(['stdout', 'keychain']);
    const silent = JSON.parse(
      await session.ok('create', 'only', ...KEY, '--keychain', '--no-print', '--json'),
    );
    expect(silent).toMatchObject({ secret: null, delivered_to: ['keychain'] });
    const rotated = JSON.parse(await session.ok('rotate', 'only', '--keychain', '--no-print', '--json'));
    expect(rotated).toMatchObject({ secret: null, delivered_to: ['keychain'], rotated: true });
    const [first, second] = await entriesOf(session);
    expect(printed.secret.api_key).toBe(first?.secret);
    expect(JSON.stringify([silent, rotated])).not.toContain(second?.secret);
  });

  it('of each of two stores, where both have a credential of that name', async () => {
    const [one, other] = [await open(), await open()];
    const ofOne = (await one.ok('create', 'ci-bot', ...KEY, '--keychain')).trim();
    const ofOther = (await other.ok('create', 'ci-bot', ...KEY, '--keychain')).trim();
    expect(await one.ok('keychain', 'get', 'ci-bot')).toBe(`${ofOne}\n`);
    expect(await other.ok('keychain', 'get', 'ci-bot')).toBe(`${ofOther}\n`);
    await one.ok('delete', 'ci-bot', '--yes');
    expect(await entriesOf(one)).toEqual([]);
    expect(await other.ok('keychain', 'get', 'ci-bot')).toBe(`${ofOther}\n`);
  });

  it('and leaves nothing of its trial there', async () => {
    const session = await open();
    await session.ok('create', 'ci-bot', ...KEY, '--keychain');
    await session.refused(5, ['create', 'ci-bot', ...KEY, '--keychain']);
    const accounts = (await keyring().entries()).map(({ account }) => account);
    expect(accounts.filter((account) => account.startsWith('preflight'))).toEqual([]);
  });

  /** What the keyring holds of the session's store. */
  async function entriesOf(session: KeyringSession) {
    const store = await session.storeId();
    return (await keyring().entries()).filter(({ account }) => account.startsWith(`${store}/`));
  }
});

describeWithKeyring('rotate --keychain puts the new secret in the place of the old one', (keyring, open) => {
  it('once it is delivered', async () => {
    const session = await open();
    const old = (await session.ok('create', 'ci-bot', ...KEY, '--keychain')).trim();
    const fresh = (await session.ok('rotate', 'ci-bot', '--keychain')).trim();
    const account = `${await session.storeId()}/${await session.idOf('ci-bot')}/2`;
    expect(await keyring().entries()).toEqual([{ account, secret: fresh }]);
    expect(await verdictOn(session, old)).toBe('valid');
    expect(await verdictOn(session, fresh)).toBe('valid');
  });

  it('also after rotations that went elsewhere', async () => {
    const session = await open();
    await session.ok('create', 'ci-bot', ...KEY, '--keychain');
    await session.ok('rotate', 'ci-bot', '--now');
    await session.ok('rotate', 'ci-bot', '--now');
    await session.ok('rotate', 'ci-bot', '--now', '--keychain', '--no-print');
    const id = await session.idOf('ci-bot');
    const accounts = (await keyring().entries()).map(({ account }) => account);
    expect(accounts.filter((account) => account.includes(id))).toEqual([
      `${await session.storeId()}/${id}/4`,
    ]);
  });

  it('of everything that is due, however many there are', async () => {
    const session = await open();
    for (const name of ['one', 'two', 'three']) {
      await session.ok('create', name, ...KEY, '--rotate-every', '1d', '--keychain', '--no-print');
    }
    const due = JSON.parse(await session.ok('rotate', '--due', '--within', '2d', '--keychain', '--json'));
    expect(due).toMatchObject({ rotated: ['one', 'three', 'two'], failed: [], skipped: [] });
    const { entries } = JSON.parse(await session.ok('keychain', 'list', '--json'));
    expect(entries).toEqual(['one', 'three', 'two'].map((name) => ({ name, version: 2, state: 'current' })));
  });

  it('and an abort takes it out again', async () => {
    const session = await open();
    await session.ok('create', 'ci-bot', ...KEY, '--keychain', '--no-print');
    await session.ok('rotate', 'ci-bot', '--keychain', '--no-print');
    await session.ok('rotate', 'ci-bot', '--abort');
    const id = await session.idOf('ci-bot');
    expect((await keyring().entries()).filter(({ account }) => account.includes(id))).toEqual([]);
    expect((await session.refused(3, ['keychain', 'get', 'ci-bot'])).hint).toContain('--keychain');
  });

  it('while a command that fails leaves the old one where it was', async () => {
    const session = await open();
    const old = (await session.ok('create', 'ci-bot', ...KEY, '--keychain')).trim();
    await session.refused(6, ['rotate', 'ci-bot', '--keychain', '--', 'false']);
    expect(await session.ok('keychain', 'get', 'ci-bot')).toBe(`${old}\n`);
    const id = await session.idOf('ci-bot');
    expect((await keyring().entries()).filter(({ account }) => account.includes(id))).toHaveLength(1);
    expect(await readdir(session.workspace.directory)).toEqual([]);
  });
});

describeWithKeyring('a keyring that is locked', (keyring, open) => {
  it('is exit 6 with the way out, and nothing is issued', async () => {
    const session = await open();
    const old = (await session.ok('create', 'resident', ...KEY, '--keychain')).trim();
    await keyring().lock();
    for (const args of [
      ['create', 'ci-bot', ...KEY, '--keychain'],
      ['rotate', 'resident', '--keychain'],
      ['keychain', 'get', 'resident'],
      ['keychain', 'list'],
      ['run', 'resident', '--', 'true'],
    ]) {
      const { stdout, hint } = await session.refused(6, args);
      expect(stdout).toBe('');
      expect(hint).toMatch(/unlock/);
    }
    expect(JSON.parse(await session.ok('list', '--json')).credentials).toMatchObject([
      { name: 'resident', versions: [{ version: 1, state: 'current' }] },
    ]);
    expect(await verdictOn(session, old)).toBe('valid');
  });

  it('does not stop a deletion, which says what stays behind and how to remove it', async () => {
    const own = await startGnomeKeyring();
    onTestFinished(() => own.close());
    const session = await openKeyringSession(own);
    const secret = (await session.ok('create', 'ci-bot', ...KEY, '--keychain')).trim();
    const id = await session.idOf('ci-bot');
    await own.lock();
    const { exitCode, stderr } = await session.run(['delete', 'ci-bot', '--yes']);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('the keychain may still have a secret of ci-bot that no longer works');
    expect(stderr).toContain(`credctl keychain delete ${id}`);
    expect(await verdictOn(session, secret)).toBe('deleted');
    const silent = await session.run(['delete', 'ci-bot', '--yes']);
    expect([silent.exitCode, silent.stderr.includes('keychain')]).toEqual([3, false]);
  });
});
