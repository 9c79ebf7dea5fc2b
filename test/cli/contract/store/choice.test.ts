import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSession, type RunOptions, type Session } from '../../../support/program/run.js';

/** Makes a store that can be told by the one name in it. */
async function storeNamed(session: Session, name: string): Promise<string> {
  await session.issue(name, '--store', `${name}.db`);
  return session.workspace.path(`${name}.db`);
}

async function namesIn(session: Session, args: readonly string[] = [], options: RunOptions = {}) {
  const { stdout, stderr, exitCode } = await session.run(['list', ...args], options);
  expect(exitCode, stderr).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t')[0]);
}

describe('the store is chosen by', () => {
  it('flag, then CREDCTL_STORE, then the configuration file, then the default', async () => {
    const session = await openSession();
    const flag = await storeNamed(session, 'flag');
    const environment = await storeNamed(session, 'environment');
    const configured = await storeNamed(session, 'configured');
    await session.issue('default');
    expect(await namesIn(session)).toEqual(['default']);
    await session.workspace.configure(`store = "${configured}"\n`);
    const options = { env: { CREDCTL_STORE: environment } };
    expect(await namesIn(session)).toEqual(['configured']);
    expect(await namesIn(session, [], options)).toEqual(['environment']);
    expect(await namesIn(session, ['--store', flag], options)).toEqual(['flag']);
    expect(await namesIn(session, [], { env: { CREDCTL_STORE: '' } })).toEqual(['configured']);
  });

  it('a path, relative to where one is, or sqlite:PATH', async () => {
    const session = await openSession();
    const path = await storeNamed(session, 'team');
    for (const url of ['team.db', './team.db', 'sqlite:team.db', path, `sqlite:${path}`]) {
      expect(await namesIn(session, ['--store', url])).toEqual(['team']);
    }
  });

  it('the XDG directories, absolute ones only, and those of the home directory without them', async () => {
    const session = await openSession();
    const { root } = session.workspace;
    await session.issue('xdg');
    expect(await namesIn(session, [], { env: { XDG_DATA_HOME: join(root, 'other') } })).toEqual([]);
    const home = { env: { XDG_DATA_HOME: undefined, XDG_CONFIG_HOME: undefined } };
    await session.run(['create', 'home', '--scope', 'data:users', '--output', 'secret'], home);
    await stat(join(root, '.local', 'share', 'credctl', 'credctl.db'));
    for (const relative of ['', 'data', './data']) {
      expect(await namesIn(session, [], { env: { XDG_DATA_HOME: relative } })).toEqual(['home']);
    }
    expect(await namesIn(session)).toEqual(['xdg']);
  });
});

/** Commands that only look, and what they say of nothing. */
const LOOKING: readonly (readonly string[])[] = [
  ['list'],
  ['list', '--json'],
  ['audit'],
  ['audit', 'export'],
  ['owner', 'list'],
  ['catalog', 'show'],
  ['catalog', 'presets'],
  ['store', 'info'],
];

describe('a store that does not exist', () => {
  it('reads as empty where it is the default, and nothing is created', async () => {
    const session = await openSession();
    for (const args of LOOKING) {
      const { exitCode, stderr } = await session.run(args);
      expect([exitCode, stderr]).toEqual([
        0,
        expect.stringMatching(/^(?:note: there is no store yet.*\n)?$/),
      ]);
    }
    expect(await session.ok('list')).toBe('NAME\tTYPE\tSTATUS\tSCOPES\tOWNER\tCREATED\tLAST_USED\tEXPIRES\n');
    await session.refused(3, ['show', 'ci-bot']);
    expect((await session.run(['verify'], { stdin: 'x' })).exitCode).toBe(4);
    await expect(stat(session.workspace.dataHome)).rejects.toThrow('ENOENT');
  });

  it('is exit 8 where it was named by flag, environment or configuration, and nothing is created', async () => {
    const session = await openSession();
    for (const args of LOOKING.filter((command) => command[1] !== 'presets')) {
      await session.refused(8, [...args.filter((word) => word !== '--json'), '--store', 'no/team.db']);
    }
    await session.refused(8, ['list'], { env: { CREDCTL_STORE: 'no/team.db' } });
    await session.workspace.configure(`store = "${session.workspace.path('no/team.db')}"\n`);
    await session.refused(8, ['list']);
    await expect(stat(session.workspace.path('no'))).rejects.toThrow('ENOENT');
  });

  it('is not created by a change that is refused', async () => {
    const session = await openSession();
    await session.refused(2, ['create', 'x', '--scope', 'data:nonsense']);
    await session.refused(3, ['create', 'x', '--scope', 'data:users', '--owner', 'nobody']);
    await session.refused(6, ['create', 'x', '--scope', 'data:users', '--output', 'no/such/directory']);
    await session.refused(3, ['edit', 'x', '--label', 'a=1']);
    await session.refused(3, ['rotate', 'x']);
    await session.refused(3, ['deactivate', 'x']);
    await session.refused(3, ['delete', 'x', '--yes']);
    await session.refused(3, ['owner', 'delete', 'x', '--yes']);
    await session.ok('catalog', 'use', 'moveworks', '--yes');
    await expect(stat(session.workspace.dataHome)).rejects.toThrow('ENOENT');
  });
});

describe('store init', () => {
  it('says with which catalog, and where there is a store, how that gets the one that was asked for', async () => {
    const session = await openSession();
    expect((await session.run(['store', 'init', '--catalog', 'mparticle'])).stderr).toBe(
      'created the store with the catalog mparticle\n',
    );
    const hintOf = async (...flags: readonly string[]) =>
      (await session.refused(5, ['store', 'init', ...flags])).hint;
    const other = 'or name another file with --store';
    expect(await hintOf()).toBe(`change its hashing with 'credctl store set', ${other}`);
    expect(await hintOf('--catalog', 'empty')).toBe(
      `change its catalog with 'credctl catalog use empty', ${other}`,
    );
    await session.ok('catalog', 'init', 'catalog.yaml');
    expect(await hintOf('--catalog', './catalog.yaml')).toBe(
      `change its catalog with 'credctl catalog apply -f ./catalog.yaml', ${other}`,
    );
  });
});

describe('the first command that writes', () => {
  it('creates the store for its owner alone and says so once', async () => {
    const session = await openSession();
    const { defaultStore } = session.workspace;
    const first = await session.run(['owner', 'create', 'crm', '--kind', 'service']);
    expect(first.stderr).toContain(`created the store ${defaultStore}\n`);
    expect((await stat(defaultStore)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(defaultStore))).mode & 0o777).toBe(0o700);
    const second = await session.run(['owner', 'create', 'billing', '--kind', 'service']);
    expect(second.stderr).not.toContain('created the store');
  });

  it('creates one that was named, and the directories on the way to it', async () => {
    const session = await openSession();
    await session.issue('x', '--store', 'deep/down/team.db');
    expect((await stat(session.workspace.path('deep/down'))).mode & 0o777).toBe(0o700);
    expect((await stat(session.workspace.path('deep/down/team.db'))).mode & 0o777).toBe(0o600);
  });
});

describe('a store URL', () => {
  it.each([
    'postgres://admin:hunter2@db.example.org/credctl',
    'postgresql://admin:hunter2@db.example.org/credctl',
    'POSTGRES://admin:hunter2@db.example.org/credctl',
    'postgres://:hunter2@db.example.org/credctl',
    'postgres://admin:hun%40ter2hunter2@db.example.org/credctl',
    'postgres://db.example.org/credctl?user=admin&password=hunter2',
    'postgres://db.example.org/credctl?user=admin&p%61ssword=hunter2',
    'postgres://ad@min:hunter2@db.example.org/credctl',
    'postgres://admin:x/hunter2@db.example.org/credctl',
    'postgres://admin:1/hunter2@db.example.org/credctl',
    'postgres://db.example.org/credctl?user=a&hunter2',
    'mysql://admin:x/hunter2@db.example.org/credctl',
  ])('with a password, %s, is exit 2 and not repeated', async (url) => {
    const session = await openSession();
    for (const args of [
      ['list', '--store', url],
      [`--store=${url}`, 'create', 'x', '--scope', 'data:users'],
    ]) {
      const { stdout, stderr } = await session.refused(2, args);
      expect(stdout + stderr).not.toContain('hunter2');
    }
  });

  it.each(['', 'sqlite:', 'mysql://db.example.org/x', 'https://example.org/x'])(
    '%j is exit 2',
    async (url) => {
      const session = await openSession();
      await session.refused(2, ['list', '--store', url]);
    },
  );
});
