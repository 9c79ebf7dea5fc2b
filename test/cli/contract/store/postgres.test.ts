import { describe, expect, it, onTestFinished } from 'vitest';
import { openPostgresSession, storeConfig } from '../../../support/postgres/session.js';
import { POSTGRES_ENGINES } from '../../../support/postgres/stores.js';
import { onlySecretIn } from '../../../support/stores/store-probe.js';
import { auditValidDocument, listDocument, storeDocument } from '../output/shapes.js';

describe.each(POSTGRES_ENGINES)('a day with a store on $label', (engine) => {
  it('goes as with a file: create, list, rotate, verify, edit, delete, audit', async () => {
    const session = await openPostgresSession(engine);
    const created = await session.run(['create', 'CI/bot', '--type', 'api-key', '--scope', 'data:users']);
    expect(created.exitCode, created.stderr).toBe(0);
    expect(created.stderr).toContain(`created the store ${session.publicUrl}`);
    const first = onlySecretIn(created.stdout);
    const verify = async (secret: string) => (await session.run(['verify'], { stdin: secret })).exitCode;
    expect(await verify(first)).toBe(0);

    const rotated = await session.run(['rotate', 'ci/BOT', '--output', 'secret.txt']);
    expect(rotated.exitCode, rotated.stderr).toBe(0);
    const second = (await session.workspace.read('secret.txt')).trim();
    expect([await verify(first), await verify(second)]).toEqual([0, 0]);
    const { credentials } = await session.json(listDocument, 'list');
    expect(credentials).toMatchObject([
      { name: 'CI/bot', versions: [{ state: 'current' }, { state: 'retiring' }] },
    ]);
    await session.ok('rotate', 'ci/bot', '--finish');
    expect([await verify(first), await verify(second)]).toEqual([4, 0]);

    await session.ok('owner', 'create', 'team', '--kind', 'service');
    await session.ok(
      'edit',
      'ci/bot',
      '--owner',
      'team',
      '--label',
      'env=prod',
      '--description',
      'it’s “new”',
    );
    expect(await session.ok('list', '--search', 'IT’S')).toContain('CI/bot');
    await session.ok('owner', 'deactivate', 'team');
    expect(await verify(second)).toBe(4);
    await session.ok('owner', 'activate', 'team');
    expect(await verify(second)).toBe(0);
    await session.ok('catalog', 'show');
    await session.refused(5, ['catalog', 'use', 'empty', '--yes']);

    const { store } = await session.json(storeDocument, 'store', 'info');
    expect(store).toMatchObject({
      engine: 'postgres',
      location: session.publicUrl,
      credentials: 1,
      owners: 1,
    });
    await session.ok('delete', 'ci/bot', '--yes');
    expect(await verify(second)).toBe(4);
    const head = await session.json(auditValidDocument, 'audit', 'verify');
    expect(head.events).toBeGreaterThan(8);
    await session.ok('audit', 'verify', '--head', head.head);
    expect((await session.ok('audit', 'export')).trim().split('\n')).toHaveLength(head.events);
    await session.ok('store', 'check');
  });

  it('is made by store init with settings of its own, once', async () => {
    const session = await openPostgresSession(engine);
    await session.refused(8, ['list']);
    await session.ok('store', 'init', '--prefix', 'acme', '--catalog', 'mparticle');
    await session.refused(5, ['store', 'init']);
    expect(
      await session.ok('create', 'x', '--type', 'api-key', '--scope', 'credctl:introspect', '-q'),
    ).toMatch(/^acme_key_/);
  });
});

describe('a database that does not let us in', () => {
  it.each<readonly [string, number, RegExp, (url: URL) => void]>([
    [
      'its password is wrong',
      4,
      /refuses the password/,
      (url) => {
        url.password = 'hunter2';
      },
    ],
    [
      'no password is known',
      4,
      /asks for a password/,
      (url) => {
        url.password = '';
      },
    ],
    [
      'it does not exist',
      8,
      /does not exist/,
      (url) => {
        url.pathname = '/nowhere';
      },
    ],
    [
      'nobody listens',
      8,
      /cannot be reached \(ECONNREFUSED\)/,
      (url) => {
        url.port = '1';
      },
    ],
    [
      'its server has no name',
      8,
      /cannot be reached/,
      (url) => {
        url.hostname = 'nowhere.invalid';
      },
    ],
    [
      'it offers no TLS',
      8,
      /does not offer TLS/,
      (url) => {
        url.searchParams.set('sslmode', 'require');
      },
    ],
  ])('is told apart: %s', async (_what, exitCode, message, change) => {
    const session = await openPostgresSession();
    const url = new URL(session.database.url);
    change(url);
    await session.workspace.configure(storeConfig(url.href));
    for (const args of [['list'], ['create', 'x', '--type', 'api-key', '--scope', 'data:users']]) {
      const refused = await session.refused(exitCode, args, { env: { CREDCTL_DEBUG: undefined } });
      expect(refused.message).toMatch(message);
      expect(refused.hint).not.toBeNull();
    }
    const { stdout, stderr } = await session.run(['list'], { env: { CREDCTL_DEBUG: '1' } });
    for (const password of ['hunter2', session.password]) expect(stdout + stderr).not.toContain(password);
  });

  it('is given its password by PGPASSWORD or by ~/.pgpass, on which nothing else is said', async () => {
    const session = await openPostgresSession();
    const args = [
      'create',
      'x',
      '--type',
      'api-key',
      '--scope',
      'data:users',
      '-q',
      '--store',
      session.publicUrl,
    ];
    expect(await session.run(args, { env: { PGPASSWORD: session.password } })).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    const { hostname, port } = new URL(session.publicUrl);
    const file = session.workspace.path('pgpass');
    await session.workspace.write('pgpass', `${hostname}:${port}:*:postgres:${session.password}\n`);
    await session.sh(`chmod 600 '${file}'`);
    const list = ['list', '--json', '--store', session.publicUrl];
    expect(await session.run(list, { env: { PGPASSFILE: file } })).toMatchObject({ exitCode: 0, stderr: '' });
    await session.sh(`chmod 644 '${file}'`);
    await session.refused(4, ['list', '--store', session.publicUrl], { env: { PGPASSFILE: file } });
  });

  it('may lend a role no right at all', async () => {
    const session = await openPostgresSession();
    await session.issue('x');
    const role = new URL(session.publicUrl).pathname.slice(1);
    await session.database.ask(`create role ${role} login password 'hunter2'`);
    onTestFinished(async () => {
      await session.database.ask(`drop role ${role}`);
    });
    const url = Object.assign(new URL(session.publicUrl), { username: role }).href;
    const env = { PGPASSWORD: 'hunter2' };
    const { hint } = await session.refused(4, ['list', '--store', url], { env });
    expect(hint).toContain('store grant');
    await session.database.ask('drop schema credctl cascade');
    const args = ['create', 'x', '--type', 'api-key', '--scope', 'data:users', '--store', url];
    expect((await session.refused(4, args, { env })).message).toContain('create a store');
  });
});
