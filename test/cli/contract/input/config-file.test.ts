import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';
import { catalogDocument, storeDocument } from '../output/shapes.js';

const ACME = 'prefix = "acme"\nhash = "bcrypt"\nbcrypt_cost = 5\ncatalog = "mparticle"\n';

describe('the configuration file', () => {
  it('gives a new store its prefix, hashing and catalog', async () => {
    const session = await openSession({ config: ACME });
    await session.ok('create', 'x', '--scope', 'platform:user', '--output', 'secret.txt');
    const { store } = await session.json(storeDocument, 'store', 'info');
    expect(store).toMatchObject({ prefix: 'acme', hash: 'bcrypt', bcrypt_cost: 5 });
    const { catalog } = await session.json(catalogDocument, 'catalog', 'show');
    expect(catalog.name).toBe('mparticle');
    expect(await session.workspace.read('secret.txt')).toMatch(
      /^client_id=acme_id_.+\nclient_secret=acme_sec_/,
    );
  });

  it('gives way to the flags of store init', async () => {
    const session = await openSession({ config: ACME });
    const { store } = await session.json(
      storeDocument,
      ...['store', 'init', '--prefix', 'other', '--hash', 'sha256', '--catalog', 'empty'],
    );
    expect(store).toMatchObject({ prefix: 'other', hash: 'sha256', bcrypt_cost: null });
    const { catalog } = await session.json(catalogDocument, 'catalog', 'show');
    expect(catalog.name).toBe('empty');
  });

  it('changes nothing about a store that exists', async () => {
    const session = await openSession();
    const made = await session.json(storeDocument, 'store', 'init');
    await session.workspace.configure(ACME);
    const { store } = await session.json(storeDocument, 'store', 'info');
    expect(store).toMatchObject({ id: made.store.id, prefix: 'cctl', hash: 'sha256' });
  });

  it('may be empty, absent, or say how long to wait for the keychain', async () => {
    for (const config of ['', '# nothing\n', null, 'keychain_timeout = "10s"\n']) {
      const session = await openSession({ config });
      const { store } = await session.json(storeDocument, 'store', 'info').catch(() => ({ store: null }));
      expect((await session.run(['list'])).exitCode, String(config)).toBe(0);
      expect(store?.prefix ?? 'cctl').toBe('cctl');
    }
  });

  it('is looked for in the home directory where XDG_CONFIG_HOME is not set', async () => {
    const session = await openSession({ config: null });
    const { root } = session.workspace;
    await mkdir(join(root, '.config', 'credctl'), { recursive: true });
    await session.workspace.write('../.config/credctl/config.toml', 'prefix = "home"\n');
    const options = { env: { XDG_CONFIG_HOME: undefined } };
    const { stdout } = await session.run(['store', 'info'], options);
    expect(stdout).toMatch(/^prefix: +home$/m);
    expect(await session.ok('store', 'info')).toMatch(/^prefix: +cctl$/m);
  });
});

describe('the store in the configuration file', () => {
  it('may be in the home directory', async () => {
    for (const store of ['~/team.db', 'sqlite:~/team.db']) {
      const session = await openSession({ config: `hash = "sha256"\nstore = "${store}"\n` });
      await session.ok('store', 'init');
      expect((await session.json(storeDocument, 'store', 'info')).store.location).toBe(
        join(session.workspace.root, 'team.db'),
      );
    }
  });

  it.each(['$HOME/team.db', '~root/team.db', '~', 'team.db', './team.db'])(
    'is exit 2 where it depends on where one stands, and nothing is made: %s',
    async (store) => {
      const session = await openSession({ config: `store = "${store}"\n` });
      for (const args of [['create', 'x', '--scope', 'data:users', '-q'], ['list', '--json'], ['serve']]) {
        const { exitCode, stderr } = await session.run(args);
        expect(exitCode, stderr).toBe(2);
        expect(stderr).toContain('~/');
      }
      expect(await readdir(session.workspace.directory)).toEqual([]);
    },
  );
});

describe('a configuration file that is wrong', () => {
  it.each([
    ['nonsense = 1\n', 'nonsense'],
    ['hash = "md5"\n', 'hash'],
    ['bcrypt_cost = "ten"\n', 'bcrypt_cost'],
    ['bcrypt_cost = 99\n', 'bcrypt_cost'],
    ['store = 5\n', 'store'],
    ['store = ""\n', 'store'],
    ['prefix = ["a"]\n', 'prefix'],
    ['[store]\nurl = "x"\n', 'store'],
  ])('%j is exit 2 and names the entry', async (config, entry) => {
    const session = await openSession({ config });
    const { message, hint } = await session.refused(2, ['list']);
    expect(message).toContain(session.workspace.configFile);
    expect(message).toContain(`"${entry}"`);
    expect(hint).not.toBeNull();
  });

  it.each([
    ['prefix = "Not A Prefix"\n', /prefix/],
    ['catalog = "nonsense"\n', /nonsense/],
  ])('%j is exit 2 once a store would be made with it', async (config, named) => {
    const session = await openSession({ config });
    const { message } = await session.refused(2, ['create', 'x', '--scope', 'data:users']);
    expect(message).toMatch(named);
  });

  it('that is no TOML is exit 2 and names the line', async () => {
    const session = await openSession({ config: 'prefix = "acme"\nhash = \n' });
    const { message } = await session.refused(2, ['list']);
    expect(message).toContain(session.workspace.configFile);
    expect(message).toContain('line 2');
  });

  it('that cannot be read is exit 2', async () => {
    const session = await openSession({ config: null });
    await mkdir(session.workspace.configFile, { recursive: true });
    const { message } = await session.refused(2, ['list']);
    expect(message).toContain(session.workspace.configFile);
  });

  it('is not in the way of help', async () => {
    const session = await openSession({ config: 'nonsense = 1\n' });
    await session.ok('create', '--help');
    await session.ok('--version');
  });
});
