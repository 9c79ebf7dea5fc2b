import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';

/** The mistakes that `catalog check` names, and those of `apply`, which are the same. */
async function mistakesIn(text: string) {
  const session = await openSession();
  const { exitCode, stdout, stderr } = await session.run(['catalog', 'check', '-', '--json'], {
    stdin: text,
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  const applied = await session.run(['catalog', 'apply', '-f', '-', '--yes', '--json'], { stdin: text });
  expect(applied).toMatchObject({ exitCode: 2, stdout: '', stderr });
  return JSON.parse(stderr).error as { message: string; hint: string; problems?: string[] };
}

describe('catalog init', () => {
  it('writes a catalog that is a good one, and explains it', async () => {
    const session = await openSession();
    const file = join(session.workspace.directory, 'catalog.yaml');
    expect(await session.run(['catalog', 'init'])).toMatchObject({ exitCode: 0, stdout: '' });
    const written = readFileSync(file, 'utf8');
    expect(await session.ok('catalog', 'init', '-')).toBe(written);
    for (const entry of ['title', 'types', 'resource', 'access_token_ttl', 'permissions', 'workspaces']) {
      expect(written).toContain(entry);
    }
    expect(await session.ok('catalog', 'check', 'catalog.yaml')).toBe(
      '"catalog.yaml" is a catalog: 2 APIs, 4 permissions, 4 resources\n',
    );
    expect((await session.run(['catalog', 'apply', '-f', 'catalog.yaml', '--yes'])).exitCode).toBe(0);
    await session.ok('create', 'bot', '--scope', 'stock:read@workspace/berlin', '--output', 'bot');
  });

  it('replaces nothing, and says where it cannot write', async () => {
    const session = await openSession();
    const file = join(session.workspace.directory, 'mine.yaml');
    writeFileSync(file, 'name: mine\n');
    const { exitCode, stderr } = await session.run(['catalog', 'init', 'mine.yaml']);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('exists') });
    expect(readFileSync(file, 'utf8')).toBe('name: mine\n');
    expect((await session.run(['catalog', 'init', 'none/mine.yaml'])).exitCode).toBe(3);
    expect((await session.run(['catalog', 'init', 'mine.yaml/x'])).exitCode).toBe(3);
  });
});

describe('catalog check', () => {
  it('names every mistake at once, each with its line', async () => {
    const { message, hint, problems } = await mistakesIn(
      [
        'apis:',
        '  - id: orders',
        '    typs: [oauth2]',
        '    permissions: [read]',
        '  - id: stock',
        '    types: [basic]',
        '    resource: planet',
        'name: 3',
      ].join('\n'),
    );
    expect(message).toBe('standard input is not a catalog: 5 mistakes');
    expect(hint).toMatch(/credctl catalog init -/);
    expect(problems).toEqual([
      'line 3: "apis[0]" has unknown entries: "typs"',
      'line 5: "apis[1].permissions" is missing, or is not an array',
      'line 6: "apis[1].types[0]" should be one of: oauth2, api-key',
      'line 7: "apis[1].resource" should be one of: none, org, account, workspace',
      'line 8: "name" is missing, or is not a string',
    ]);
  });

  it('contradictions too, with their remedies', async () => {
    const { problems } = await mistakesIn(
      [
        'name: shop',
        'apis:',
        '  - id: credctl',
        '    permissions: [read, read]',
        '  - { id: Bad Id, permissions: [] }',
        'resources: [{ id: a }, { id: a }]',
      ].join('\n'),
    );
    expect(problems).toEqual([
      expect.stringMatching(/^line 3: apis\[0\]\.id "credctl" is reserved \(.+\)$/),
      expect.stringMatching(/^line 4: apis\[0\]\.permissions\[1\] has the id "read" of /),
      expect.stringMatching(/^line 5: apis\[1\] has an invalid id: "Bad Id" \(.+\)$/),
      expect.stringMatching(/^line 5: apis\[1\]\.permissions of Bad Id is empty/),
      expect.stringMatching(/^line 6: resources\[1\] has the id "a" of resources\[0\]/),
    ]);
  });

  it('contradictions beside entries of the wrong shape', async () => {
    const { problems } = await mistakesIn(
      ['nme: shop', 'apis:', '  - id: Bad', '    titel: Orders', '    permissions: [read, read]'].join('\n'),
    );
    expect(problems).toEqual([
      'line 1: "name" is missing, or is not a string',
      'line 1: the document has unknown entries: "nme"',
      expect.stringMatching(/^line 3: apis\[0\] has an invalid id/),
      expect.stringMatching(/^line 4: "apis\[0\]" has unknown entries: "titel"/),
      expect.stringMatching(/^line 5: apis\[0\]\.permissions\[1\] has the id/),
    ]);
  });

  it('all of them in one run, wherever nothing of the right shape is', async () => {
    const { message, problems } = await mistakesIn(
      [
        'name: shop',
        'apis:',
        '  - id: Bad',
        '    permissions: [a, a]',
        '    foo: 1',
        '  - id: b',
        '    resource: galaxy',
        '    access_token_ttl: -1',
        '    aliases: [b]',
        '  - id: c',
        '    types: [basic, oauth2, oauth2]',
        '    permissions: [7, { titel: x }, x, x, ""]',
        '    title: one',
        '    title: two',
        '  - nothing',
        '  - { permissions: [read, read] }',
        'resources: [{ id: a, accounts: [{ workspaces: [w, w, 3] }] }, { id: a }]',
      ].join('\n'),
    );
    expect(problems).toEqual([
      expect.stringMatching(/^line 3: apis\[0\] has an invalid id: "Bad"/),
      expect.stringMatching(/^line 4: apis\[0\]\.permissions\[1\] has the id "a" of/),
      'line 5: "apis[0]" has unknown entries: "foo"',
      'line 6: "apis[1].permissions" is missing, or is not an array',
      'line 7: "apis[1].resource" should be one of: none, org, account, workspace',
      expect.stringMatching(/^line 8: apis\[1\]\.access_token_ttl of b is -1/),
      expect.stringMatching(/^line 9: apis\[1\]\.aliases\[0\] has the id "b" of apis\[1\]/),
      'line 11: "apis[2].types[0]" should be one of: oauth2, api-key',
      expect.stringMatching(/^line 11: apis\[2\]\.types of c names a type twice/),
      expect.stringMatching(/^line 12: "apis\[2\]\.permissions\[0\]" is missing, or is not an object/),
      'line 12: "apis[2].permissions[1].id" is missing, or is not a string',
      'line 12: "apis[2].permissions[1]" has unknown entries: "titel"',
      'line 12: "apis[2].permissions[4].id" is empty',
      expect.stringMatching(/^line 12: apis\[2\]\.permissions\[3\] has the id "x" of/),
      'line 14: an entry is given twice',
      'line 15: "apis[3]" is missing, or is not an object',
      'line 16: "apis[4].id" is missing, or is not a string',
      expect.stringMatching(/^line 16: apis\[4\]\.permissions\[1\] has the id "read" of/),
      'line 17: "resources[0].accounts[0].id" is missing, or is not a string',
      'line 17: "resources[0].accounts[0].workspaces[2]" is missing, or is not a string',
      expect.stringMatching(/^line 17: resources\[1\] has the id "a" of resources\[0\]/),
      expect.stringMatching(/^line 17: resources\[0\]\.accounts\[0\]\.workspaces\[1\] has the id "w" of/),
    ]);
    expect(message).toBe('standard input is not a catalog: 22 mistakes');
  });

  it('a single one in the message itself', async () => {
    const { message, hint, problems } = await mistakesIn(
      'name: shop\napis:\n  - { id: credctl, permissions: [read] }\n',
    );
    expect(message).toBe('standard input is not a catalog: line 3: apis[0].id "credctl" is reserved');
    expect(hint).toBe('credctl adds this API itself; leave it out');
    expect(problems).toBeUndefined();
  });

  it('what is no YAML, with the lines', async () => {
    const { problems } = await mistakesIn('name: x\nname: y\napis: [\n');
    expect(problems).toEqual([
      'line 2: an entry is given twice',
      expect.stringMatching(/^line \d: not valid YAML$/),
    ]);
  });

  it('on a screen, one on a line', async () => {
    const session = await openSession();
    const { stderr } = await session.run(['catalog', 'check', '-'], { stdin: 'nme: x\n' });
    expect(stderr.split('\n')).toEqual([
      'credctl: standard input is not a catalog: 3 mistakes',
      expect.stringMatching(/^ {2}line 1: /),
      expect.stringMatching(/^ {2}line 1: /),
      expect.stringMatching(/^ {2}line 1: /),
      expect.stringMatching(/^hint: /),
      '',
    ]);
  });

  it('no more of them than a person reads', async () => {
    const apis = Array.from({ length: 300 }, () => '  - { id: X }').join('\n');
    const { message, problems } = await mistakesIn(`name: x\napis:\n${apis}\n`);
    expect(message).toMatch(/899 mistakes/);
    expect(problems).toHaveLength(51);
    expect(problems?.at(-1)).toBe('and 849 more');
  });

  it('shows what the defaults are', async () => {
    const session = await openSession();
    const short = 'name: shop\napis: [{ id: orders, permissions: [read] }]\n';
    const { stdout } = await session.run(['catalog', 'check', '-', '--json'], { stdin: short });
    expect(JSON.parse(stdout)).toEqual({
      schema_version: 1,
      valid: true,
      catalog: {
        name: 'shop',
        apis: [
          {
            id: 'orders',
            title: 'orders',
            types: ['oauth2', 'api-key'],
            resource: 'none',
            access_token_ttl: 3600,
            permissions: [{ id: 'read', title: 'read', description: null }],
          },
        ],
        resources: [],
      },
    });
  });
});

describe('a catalog of one’s own from the beginning', () => {
  it('store init takes a document', async () => {
    const session = await openSession();
    await session.ok('catalog', 'init', 'mine.yaml');
    await session.ok('store', 'init', '--catalog', './mine.yaml');
    expect(JSON.parse(await session.ok('catalog', 'show', '--json')).catalog.name).toBe('shop');
  });

  it('or refuses it, and makes no store', async () => {
    const session = await openSession();
    writeFileSync(join(session.workspace.directory, 'bad.yaml'), 'name: 1\n');
    expect((await session.run(['store', 'init', '--catalog', 'bad.yaml'])).exitCode).toBe(2);
    expect((await session.run(['store', 'init', '--catalog', 'none.yaml'])).exitCode).toBe(3);
    expect((await session.run(['store', 'check'])).exitCode).toBe(8);
  });

  it('catalog show prints one that comes with the program, without a store', async () => {
    const session = await openSession();
    expect(await session.ok('catalog', 'show', 'mparticle')).toMatch(/^name: mparticle\n/);
    const { exitCode, stderr } = await session.run(['catalog', 'show', 'mparticel']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/there is no built-in catalog "mparticel"\nhint: .*did you mean mparticle/);
  });
});
