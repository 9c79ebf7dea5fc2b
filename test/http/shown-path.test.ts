import { describe, expect, it } from 'vitest';
import { shownPath } from '../../src/http/shown-path.js';
import { openSession } from '../support/program/run.js';
import { unknownSecret } from '../support/servers/clients.js';
import { bearer, startServer } from '../support/servers/server.js';

const KEY = unknownSecret('key');
const JWT =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P';

describe('the path of a request in the log', () => {
  it.each([
    ['/oauth/v2/token', '/oauth/v2/token'],
    ['/oauth/v1/token?client_secret=x', '/oauth/v1/token'],
    ['/a#b', '/a'],
    ['//oauth/v1/token/', '//oauth/v1/token/'],
    ['http://user:pw@127.0.0.1:8080/nothing?x', '/nothing'],
    ['/%zz', '/%zz'],
    ['*', '*'],
    [
      '/rest/v1/users/1f0c7d1e-3a52-4b2e-9d7f-0f1a2b3c4d5e',
      '/rest/v1/users/1f0c7d1e-3a52-4b2e-9d7f-0f1a2b3c4d5e',
    ],
    [`/verify/${KEY}/x`, '/verify/…/x'],
    [`/verify/${KEY.slice(0, 40)}`, '/verify/…'],
    [`/verify/${KEY.replaceAll('_', '%5F')}`, '/verify/…'],
    [`/verify/${KEY.replaceAll('_', '%255F')}`, '/verify/…'],
    [`/key=${KEY}`, '/…'],
    [`/${JWT}`, '/…'],
    ['/AKIAdeadBEEF0123456789', '/…'],
    ['/client:hunter2', '/…'],
    [`/${'a'.repeat(65)}`, '/…'],
  ])('of %s is %s', (target, expected) => {
    expect(shownPath(target)).toBe(expected);
  });

  it('is never endless', () => {
    expect(shownPath('/abc'.repeat(1_000))).toHaveLength(201);
  });
});

describe('the log of a refused request', () => {
  const asked = async (...flags: readonly string[]): Promise<string> => {
    const session = await openSession();
    const server = await startServer(session, ...flags);
    await server.send('/oauth/v2/token?client_secret=hunter2');
    await server.send('/oauth/v1/token?x=hunter2');
    await server.send('/verify/orders?scopes=x', { headers: bearer(await session.issue('ci-bot')) });
    await server.send(`/secrets/${KEY}`);
    await server.send('/%zz');
    await server.send('/rest/v1/auth/test');
    await server.end();
    expect(server.log()).not.toMatch(new RegExp(`hunter2|${KEY.slice(22)}`));
    return server.log();
  };

  it('has the path with --dev where another one may have been meant, or something was missing', async () => {
    const log = await asked('--dev');
    const paths = [...log.matchAll(/ refused .* status=(\d+) path=(\S+)/g)].map(([, ...found]) => found);
    expect(paths).toEqual([
      ['404', '/oauth/v2/token'],
      ['405', '/oauth/v1/token'],
      ['400', '/verify/orders'],
      ['404', '/secrets/…'],
      ['400', '/%zz'],
    ]);
  });

  it('has no path otherwise', async () => {
    const log = await asked();
    expect(log).not.toMatch(/"path"|\/oauth\/v2|orders|\/secrets/);
    expect(log).toContain('"status":404');
  });
});
