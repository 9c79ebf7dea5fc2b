import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { forExpress, forFastify, forFetch, library } from '../support/build/library.js';
import { temporaryDirectory } from '../support/build/packed.js';
import { FOREIGN_SPELLINGS, PASSWORD } from '../support/stores/store-spellings.js';

const { administer, createVerifier, handTo, openStore } = library;

/** As a program calls that is not type-checked. */
// biome-ignore lint/suspicious/noExplicitAny: that is what such a program passes
type Anything = any;

const KEY = { name: 'ci-bot', type: 'api-key', scopes: ['data:users'] } as const;
const KEPT = handTo(() => {});

function usage(message: string): Anything {
  return expect.objectContaining({ name: 'CredctlError', code: 'usage', message, hint: expect.any(String) });
}

async function openScene() {
  const path = join(temporaryDirectory(), 'credctl.db');
  const store = await openStore(path, { create: { hash: { scheme: 'sha256' } } });
  onTestFinished(() => store.close());
  return { path, store, admin: administer(store, { actor: 'me@here' }) as Anything };
}

describe('a store', () => {
  it.each<[string, Anything]>([
    ['"reference" is missing, or is not a string', []],
    ['"options" is missing, or is not an object', ['x.db', null]],
    ['"options" has unknown entries: "catalog"', ['x.db', { catalog: 'mparticle' }]],
    ['"options.actor" is missing, or is not a string', ['x.db', { actor: 5 }]],
    ['"options.create.hash.scheme" should be one of: bcrypt, sha256', ['x.db', hash({ scheme: 'md5' })]],
    ['"options.create.hash.cost" is more than 16', ['x.db', hash({ scheme: 'bcrypt', cost: 17 })]],
    ['"options.create.hash.cost" is less than 4', ['x.db', hash({ scheme: 'bcrypt', cost: 3 })]],
    [
      '"options.create.hash.cost" is missing, or is not a whole number',
      ['x.db', hash({ scheme: 'bcrypt', cost: 4.5 })],
    ],
    [
      '"options.create.hash" needs a cost with bcrypt, and has none with sha256',
      ['x.db', hash({ scheme: 'bcrypt' })],
    ],
    [
      '"options.create.catalog.apis" is missing, or is not an array',
      ['x.db', { create: { catalog: { name: 'own' } } }],
    ],
  ])('is not opened where %s', async (message, [reference, options]) => {
    const path = reference === undefined ? undefined : join(temporaryDirectory(), reference);
    await expect((openStore as Anything)(path, options)).rejects.toEqual(usage(message));
    expect(path !== undefined && existsSync(path)).toBe(false);
  });

  it('refuses everything once it was closed, and may be closed again', async () => {
    const { store, admin } = await openScene();
    await store.close();
    await store.close();
    for (const work of [admin.list(), admin.create(KEY, KEPT), admin.delete('ci-bot')]) {
      await expect(work).rejects.toEqual(usage('the store was closed'));
    }
  });
});

describe('an administrator', () => {
  it.each<[string, (admin: Anything) => unknown]>([
    ['"input" is missing, or is not an object', (admin) => admin.create()],
    [
      '"input.scopes" is missing, or is not an array',
      (admin) => admin.create({ ...KEY, scopes: 'data:users' }, KEPT),
    ],
    [
      '"input.type" should be one of: oauth2, api-key',
      (admin) => admin.create({ ...KEY, type: 'password' }, KEPT),
    ],
    [
      '"input.expiresAt" is missing, or is not a date',
      (admin) => admin.create({ ...KEY, expiresAt: '2099' }, KEPT),
    ],
    [
      '"input.labels.team" is missing, or is not a string',
      (admin) => admin.create({ ...KEY, labels: { team: 5 } }, KEPT),
    ],
    [
      '"input" has unknown entries: "expires"',
      (admin) => admin.create({ ...KEY, expires: new Date() }, KEPT),
    ],
    ['"destination" is missing, or is not an object', (admin) => admin.create(KEY, () => {})],
    [
      '"destination.deliver" is missing, or is not a function',
      (admin) => admin.create(KEY, { preflight() {}, undo() {} }),
    ],
    ['"reference" is missing, or is not a string', (admin) => admin.show()],
    ['"reference" is missing, or is not a string', (admin) => admin.delete(5)],
    ['"changes" is missing, or is not an object', (admin) => admin.edit('ci-bot')],
    [
      '"conditions.ifRevision" is missing, or is not a number',
      (admin) => admin.activate('a', { ifRevision: '1' }),
    ],
    [
      '"options.grace" is missing, or is not a string',
      (admin) => admin.rotate('ci-bot', KEPT, { grace: 24 }),
    ],
    [
      '"options.force" is missing, or is not a boolean',
      (admin) => admin.finishRotation('ci-bot', { force: 'yes' }),
    ],
    ['"query.limit" is missing, or is not a number', (admin) => admin.list({ limit: '1; select 2' })],
    ['"query.limit" is more than 1000', (admin) => admin.list({ limit: 1_001 })],
    [
      '"query.sort" should be one of: name, created, last-used, expires',
      (admin) => admin.list({ sort: 'type' }),
    ],
  ])('is told that %s', async (message, call) => {
    const { admin } = await openScene();
    await expect(call(admin)).rejects.toEqual(usage(message));
    expect((await admin.list()).items).toEqual([]);
  });

  it('is nobody without an actor', async () => {
    const { store } = await openScene();
    const make = (author: Anything) => () => administer(store, author);
    expect(make(undefined)).toThrow(usage('"author" is missing, or is not an object'));
    expect(make({})).toThrow(usage('"author.actor" is missing, or is not a string'));
  });
});

describe('a verifier', () => {
  it('takes what is no text for a secret that is none, and refuses options that are none', async () => {
    const { path } = await openScene();
    const verifier = createVerifier(path) as Anything;
    for (const secret of [undefined, null, 5, ['x'], {}]) {
      expect(await verifier.verify(secret)).toEqual({ valid: false, reason: 'malformed' });
    }
    for (const [message, options] of [
      ['"options" has unknown entries: "scope"', { scope: 'data:users' }],
      ['"options.scopes" is missing, or is not an array', { scopes: 'data:users' }],
      ['"options.scopes[0]" is missing, or is not a string', { scopes: [5] }],
    ] as const) {
      await expect(verifier.verify('x', options)).rejects.toEqual(usage(message));
    }
    await verifier.close();
    await expect(verifier.verify('x')).rejects.toEqual(usage('the verifier was closed'));
  });

  it.each([
    ['Express', forExpress.requireCredential],
    ['Fastify', forFastify.requireCredential],
    ['handlers of the Fetch standard', forFetch.requireCredential],
  ])('guards nothing in %s with an option that is none', async (_, requireCredential) => {
    const { path } = await openScene();
    const verifier = createVerifier(path);
    onTestFinished(() => verifier.close());
    const guard = (options: Anything) => () => requireCredential(verifier, options);
    expect(guard({ scope: 'data:users' })).toThrow(usage('"options" has unknown entries: "scope"'));
    expect(guard({ scopes: 'data:users' })).toThrow(usage('"options.scopes" is missing, or is not an array'));
    expect(() => (requireCredential as Anything)()).toThrow(
      usage('"verifier" is missing, or is not an object'),
    );
  });

  it('takes a request and an address for what they are', async () => {
    const { path } = await openScene();
    const verifier = createVerifier(path);
    onTestFinished(() => verifier.close());
    const guard = forFetch.requireCredential(verifier) as Anything;
    await expect(guard()).rejects.toEqual(usage('"request" is missing, or is not an object'));
    await expect(guard({ headers: { authorization: 'x' } })).rejects.toEqual(
      usage('"request.headers.get" is missing, or is not a function'),
    );
    await expect(guard(new Request('http://x'), { hostname: '192.0.2.7' })).rejects.toEqual(
      usage('"address" is missing, or is not a string'),
    );
    expect((await guard(new Request('http://x'))).response.status).toBe(401);
  });

  it('believes no proxy whose network is none', async () => {
    const { path } = await openScene();
    const verifier = createVerifier(path);
    onTestFinished(() => verifier.close());
    const guard = (trustProxy: Anything) => () => forFetch.requireCredential(verifier, { trustProxy });
    expect(guard('10.0.0.0/8')).toThrow(usage('"options.trustProxy" is missing, or is not an array'));
    expect(guard(['10.0.0.0/40'])).toThrow(usage('"10.0.0.0/40" is not a network'));
    expect(guard(['::/0'])).toThrow(usage('"::/0" includes every address'));
  });
});

it('a function that receives a secret is one', () => {
  expect(() => (handTo as Anything)()).toThrow(usage('"receive" is missing, or is not a function'));
});

function hash(policy: Anything): Anything {
  return { create: { hash: policy } };
}

describe('a reference to a store that is another spelling of a database', () => {
  it.each(FOREIGN_SPELLINGS)('%j opens nothing, and is not repeated', async (spelling) => {
    const refused = expect.objectContaining({ name: 'CredctlError', code: 'usage' });
    const own = process.cwd;
    const directory = temporaryDirectory();
    process.cwd = () => directory;
    onTestFinished(() => {
      process.cwd = own;
    });
    const faults: unknown[] = [];
    for (const open of [
      () => openStore(spelling),
      () => openStore(spelling, { create: {} }),
      async () => createVerifier(spelling),
    ]) {
      faults.push(await open().catch((fault: unknown) => fault));
    }
    expect(faults).toEqual([refused, refused, refused]);
    expect(faults.map(String).join() + JSON.stringify(faults)).not.toContain(PASSWORD);
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each(['st\ufffd.db', 'half a pair \ud83d.db'])('%j is no other file', async (reference) => {
    const refused = { code: 'usage', message: 'the reference is not valid UTF-8' };
    await expect(openStore(reference, { create: {} })).rejects.toMatchObject(refused);
    expect(() => createVerifier(reference)).toThrow(expect.objectContaining(refused));
  });
});
