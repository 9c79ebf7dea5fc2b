import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { bearer, startServer } from '../../support/servers/server.js';
import { sharedServer } from '../../support/servers/shared-server.js';

const PATH = '/.well-known/oauth-authorization-server';

const shared = sharedServer('--public-url', 'https://auth.example.com/tenant');

async function metadata(path = PATH): Promise<Record<string, unknown>> {
  const { status, text } = await shared().server.send(path);
  expect(status).toBe(200);
  return JSON.parse(text) as Record<string, unknown>;
}

describe('RFC 8414 §2, the metadata', () => {
  it('issuer: REQUIRED, a URL of scheme https without query or fragment', async () => {
    const issuer = new URL(String((await metadata())['issuer']));
    expect([issuer.href, issuer.protocol, issuer.search, issuer.hash]).toEqual([
      'https://auth.example.com/tenant',
      'https:',
      '',
      '',
    ]);
  });

  it('token_endpoint: REQUIRED, and it is where tokens are', async () => {
    const { server, authorization } = shared();
    const { issuer, token_endpoint } = await metadata();
    expect(String(token_endpoint).startsWith(String(issuer))).toBe(true);
    const path = String(token_endpoint).slice(String(issuer).length);
    expect((await server.post(path, { grant_type: 'client_credentials' }, authorization)).status).toBe(200);
  });

  it('response_types_supported: REQUIRED, and empty, since nobody is redirected here', async () => {
    expect((await metadata())['response_types_supported']).toEqual([]);
  });

  it('grant_types_supported: exactly those that the token endpoint does not call unsupported', async () => {
    const { server, authorization } = shared();
    const named = (await metadata())['grant_types_supported'];
    const works: string[] = [];
    for (const grant_type of [
      'client_credentials',
      'authorization_code',
      'password',
      'refresh_token',
      'implicit',
    ]) {
      if ((await server.post('/oauth/v1/token', { grant_type }, authorization)).status === 200)
        works.push(grant_type);
    }
    expect(named).toEqual(works);
  });

  it.each(['token', 'introspection', 'revocation'])(
    '%s_endpoint_auth_methods_supported: each of them works, and none that is not named',
    async (name) => {
      const { server, session, client, authorization, token } = shared();
      const document = await metadata();
      expect(document[`${name}_endpoint_auth_methods_supported`]).toEqual([
        'client_secret_basic',
        'client_secret_post',
        ...(name === 'introspection' ? ['Bearer'] : []),
      ]);
      const path = String(document[`${name}_endpoint`]).slice('https://auth.example.com/tenant'.length);
      const body = { grant_type: 'client_credentials', token: await token() };
      const post = { client_id: client.clientId, client_secret: client.secret };
      expect((await server.post(path, body, authorization)).status).toBe(200);
      expect((await server.post(path, { ...body, ...post })).status).toBe(200);
      expect((await server.post(path, { ...body, client_id: client.clientId })).status).toBe(401);
      const holder = await session.issue(`${name}-caller`, '--scope', 'credctl:introspect');
      const isNamed = name === 'introspection';
      expect((await server.post(path, body, bearer(holder))).status).toBe(isNamed ? 200 : 401);
    },
  );
});

describe('RFC 8414 §3, obtaining it', () => {
  it('§3 MUST be at a well-known path formed from the issuer, behind which its path comes (§3.1)', async () => {
    expect(await metadata(`${PATH}/tenant`)).toEqual(await metadata());
    for (const other of [`${PATH}/other`, `${PATH}/`, '/tenant/.well-known/oauth-authorization-server']) {
      expect((await shared().server.send(other)).status, other).toBe(404);
    }
  });

  it('§3.1 MUST be queried with GET', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const { status, headers } = await shared().server.send(PATH, { method });
      expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    }
  });

  it('§3.2 MUST use 200 OK and application/json, with a JSON object', async () => {
    const { status, headers, text } = await shared().server.send(PATH);
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    expect(JSON.parse(text)).toBeTypeOf('object');
    expect(Array.isArray(JSON.parse(text))).toBe(false);
  });

  it('§3.2 no member but the required response_types_supported has zero elements', async () => {
    const empty = Object.entries(await metadata()).filter(
      ([, value]) => Array.isArray(value) && value.length === 0,
    );
    expect(empty).toEqual([['response_types_supported', []]]);
  });

  it('§3.3 the issuer MUST be identical to the one that the client asked', async () => {
    const server = await startServer(await openSession());
    for (const issuer of [server.url, `http://localhost:${server.port}`]) {
      const { text } = await server.send(PATH, { headers: { host: new URL(issuer).host } });
      expect(JSON.parse(text)).toMatchObject({ issuer, token_endpoint: `${issuer}/oauth/v1/token` });
    }
  });
});
