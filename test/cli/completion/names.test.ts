import { readdir } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openSession, type RunOptions, type Session, sessionIn } from '../../support/program/run.js';
import { createWorkspace, type Workspace } from '../../support/program/workspace.js';
import { addCredentials } from './hostile-store.js';

let workspace: Workspace;
let session: Session;

beforeAll(async () => {
  workspace = await createWorkspace();
  session = sessionIn(workspace);
  await session.issue('Alpha');
  await session.ok('owner', 'create', 'crm', '--kind', 'service');
  await session.ok('create', 'elsewhere', '--store', 'other.db', '--scope', 'data:*', '--output', 'secret');
});
afterAll(() => workspace.remove());

/** Words after which a name of each kind stands. */
const BEFORE = {
  credential: ['show'],
  owner: ['owner', 'show'],
  target: ['audit', '--target'],
  api: ['list', '--api'],
  scope: ['create', 'x', '--scope'],
} as const;

/** The names of a kind that are offered for a prefix; none where nothing is said. */
async function candidates(
  own: Session,
  [kind, prefix = '', ...flags]: readonly [keyof typeof BEFORE, ...string[]],
  options?: RunOptions,
): Promise<readonly string[]> {
  const args = ['__complete', '--', ...flags, ...BEFORE[kind], prefix];
  const { exitCode, stdout, stderr } = await own.run(args, options);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  if (stdout === '') return [];
  expect(stdout.endsWith(`:${kind}\n`)).toBe(true);
  return stdout.split('\n').slice(0, -2);
}

describe('the candidates for a name', () => {
  it('are what the store holds, one a line', async () => {
    expect(await candidates(session, ['credential'])).toEqual(['Alpha']);
    expect(await candidates(session, ['owner'])).toEqual(['crm']);
    expect(await candidates(session, ['target'])).toEqual(['Alpha', 'crm']);
    expect(await candidates(session, ['api'])).toEqual(['data', 'events', 'credctl']);
    expect(await candidates(session, ['scope', 'data:u'])).toEqual(['data:users']);
  });

  it('begin with what was typed, whatever the case', async () => {
    expect(await candidates(session, ['credential', 'Al'])).toEqual(['Alpha']);
    expect(await candidates(session, ['credential', 'x'])).toEqual([]);
    const { stdout } = await session.run(['__complete', 'zsh'], { stdin: 'credctl show al' });
    expect(stdout).toBe('Alpha\n:credential\n');
  });

  it('come from the store that is named', async () => {
    expect(await candidates(session, ['credential', '', '--store', 'other.db'])).toEqual(['elsewhere']);
    expect(await candidates(session, ['credential'], { env: { CREDCTL_STORE: 'other.db' } })).toEqual([
      'elsewhere',
    ]);
  });

  it('are scopes that create takes, with a resource where the API needs one', async () => {
    await session.ok('store', 'init', '--store', 'tree.db', '--catalog', 'mparticle');
    await session.ok('catalog', 'apply', '--yes', '--store', 'tree.db', '-f', await treeFile());
    const scopes = await candidates(session, ['scope', '', '--store', 'tree.db']);
    expect(scopes.length).toBeGreaterThan(4);
    for (const [index, scope] of scopes.entries()) {
      await session.ok(
        'create',
        `c${index}`,
        '--store',
        'tree.db',
        '--scope',
        scope,
        '--output',
        `tree-${index}`,
      );
    }
  });

  it('are at most some hundred', async () => {
    const own = await openSession();
    await own.issue('first');
    addCredentials(
      own.workspace.defaultStore,
      Array.from({ length: 2_000 }, (_, index) => `name-${index}`),
    );
    expect(await candidates(own, ['credential'])).toHaveLength(300);
    expect(await candidates(own, ['credential', 'name-1999'])).toEqual(['name-1999']);
  });
});

describe('looking for candidates', () => {
  it('creates no store', async () => {
    const own = await openSession();
    expect(await candidates(own, ['credential'])).toEqual([]);
    expect(await candidates(own, ['credential', '', '--store', 'none.db'])).toEqual([]);
    expect(await candidates(own, ['scope', 'data:us'])).toEqual(['data:users']);
    expect(await readdir(own.workspace.directory)).toEqual([]);
    await expect(readdir(own.workspace.dataHome)).rejects.toThrow();
  });

  it('changes nothing in a store', async () => {
    const before = await session.ok('audit', 'export');
    for (const kind of ['credential', 'owner', 'target', 'api', 'scope'] as const)
      await candidates(session, [kind]);
    expect(await session.ok('audit', 'export')).toBe(before);
  });

  it.each([
    ['a store that is none', 'broken.db'],
    ['a directory', '.'],
    ['a store of another kind', 'https://example.com'],
    ['a database that does not answer', 'postgres://u@127.0.0.1:1/x'],
    ['a password on the line', 'postgres://u:p@localhost/x'],
  ])('is silent about %s', async (_, store) => {
    await workspace.write('broken.db', 'no database');
    expect(await candidates(session, ['credential', '', '--store', store])).toEqual([]);
  });

  it('does not wait as long as other commands for a store that is locked', async () => {
    const own = await openSession();
    await own.issue('only');
    const database = new Database(own.workspace.defaultStore);
    onTestFinished(() => void database.close());
    database.pragma('locking_mode = exclusive');
    database.exec('begin exclusive');
    const start = performance.now();
    expect(await candidates(own, ['credential'])).toEqual([]);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it('is silent about a configuration that cannot be read, and about a reader that has gone', async () => {
    const own = await openSession({ config: 'nonsense' });
    expect(await candidates(own, ['credential'])).toEqual([]);
    const { exitCode, stderr } = await session.sh(
      '{ credctl __complete -- create x --scope ""; echo "$?" >&2; } | :',
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '0\n' });
  });
});

async function treeFile(): Promise<string> {
  const document = `name: tree
apis:
  - id: profile
    title: Profile
    types: [oauth2]
    resource: account
    access_token_ttl: 3600
    permissions:
      - { id: read, title: Read }
      - { id: write, title: Write }
resources:
  - id: acme
    accounts:
      - { id: us, workspaces: [web] }
      - { id: eu, workspaces: [] }
`;
  await workspace.write('tree.yaml', document);
  return 'tree.yaml';
}
