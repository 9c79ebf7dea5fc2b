import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

async function candidates(
  own: Session,
  [kind, prefix = '', ...flags]: readonly string[],
  options?: RunOptions,
): Promise<readonly string[]> {
  const args = ['completion', '--candidates', kind ?? '', ...flags, '--', prefix];
  const { exitCode, stdout, stderr } = await own.run(args, options);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout === '' || stdout.endsWith('\n')).toBe(true);
  return stdout.split('\n').slice(0, -1);
}

describe('the candidates for a name', () => {
  it('are what the store holds, one a line', async () => {
    expect(await candidates(session, ['credential'])).toEqual(['Alpha']);
    expect(await candidates(session, ['owner'])).toEqual(['crm']);
    expect(await candidates(session, ['target'])).toEqual(['Alpha', 'crm']);
    expect(await candidates(session, ['scope', 'data:u'])).toEqual(['data:users']);
  });

  it('begin with what was typed, whatever the case', async () => {
    expect(await candidates(session, ['credential', 'al'])).toEqual(['Alpha']);
    expect(await candidates(session, ['credential', 'x'])).toEqual([]);
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
    for (const kind of ['credential', 'owner', 'target', 'scope']) await candidates(session, [kind]);
    expect(await session.ok('audit', 'export')).toBe(before);
  });

  it.each([
    ['an unknown kind', ['nonsense', '']],
    ['a store that is none', ['credential', '', '--store', 'broken.db']],
    ['a directory', ['credential', '', '--store', '.']],
    ['a store of another kind', ['credential', '', '--store', 'https://example.com']],
    ['a password on the line', ['credential', '', '--store', 'postgres://u:p@localhost/x']],
    ['a word that would be a flag', ['credential', '--help']],
  ])('is silent about %s', async (_, args) => {
    await workspace.write('broken.db', 'no database');
    expect(await candidates(session, args)).toEqual([]);
  });

  it('is silent about a configuration that cannot be read, and about a reader that has gone', async () => {
    const own = await openSession({ config: 'nonsense' });
    expect(await candidates(own, ['credential'])).toEqual([]);
    const { exitCode, stderr } = await session.sh(
      '{ credctl completion --candidates scope -- ""; echo "$?" >&2; } | :',
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
