import { describe, expect, it } from 'vitest';
import { forged, issueClient, unknownSecret } from '../../support/servers/clients.js';
import { basic, bearer } from '../../support/servers/server.js';
import { sharedServer } from '../../support/servers/shared-server.js';

const PATH = '/oauth/v1/introspect';

const shared = sharedServer();

async function introspected(token: string, headers = shared().authorization): Promise<unknown> {
  const answered = await shared().server.post(PATH, { token }, headers);
  expect([answered.status, answered.headers['content-type']]).toEqual([
    200,
    'application/json; charset=utf-8',
  ]);
  return JSON.parse(answered.text);
}

describe('RFC 7662 §2.1, the request', () => {
  it('is a POST of a form; GET, which would leave tokens in logs, is not supported (§4)', async () => {
    const { server, authorization, token } = shared();
    const secret = await token();
    const { status, headers } = await server.send(`${PATH}?token=${secret}`, { headers: authorization });
    expect([status, headers.allow]).toEqual([405, 'POST']);
    expect(server.log()).not.toContain(secret);
  });

  it('token is REQUIRED', async () => {
    const { server, authorization } = shared();
    for (const form of [{}, { token: '' }]) {
      const { status, text } = await server.post(PATH, form, authorization);
      expect([status, JSON.parse(text).error]).toEqual([400, 'invalid_request']);
    }
  });

  it('an unknown token_type_hint is ignored', async () => {
    const { server, authorization, token } = shared();
    const form = { token: await token(), token_type_hint: 'nothing known' };
    expect(JSON.parse((await server.post(PATH, form, authorization)).text)).toMatchObject({ active: true });
  });

  it('the endpoint MUST require some form of authorization: a client, or a bearer token of its own', async () => {
    const { server, session, client, token } = shared();
    const secret = await token();
    const gateway = await session.issue('gateway', '--scope', 'credctl:introspect');
    const post = { client_id: client.clientId, client_secret: client.secret };
    expect(await introspected(secret, bearer(gateway))).toMatchObject({ active: true });
    expect(JSON.parse((await server.post(PATH, { token: secret, ...post })).text)).toMatchObject({
      active: true,
    });
    expect((await server.post(PATH, { token: secret })).status).toBe(401);
  });
});

describe('RFC 7662 §2.2, the answer', () => {
  it('active is REQUIRED and a boolean; scope, client_id, token_type, exp, iat, sub and iss have their types', async () => {
    const { client, server, token } = shared();
    const answer = await introspected(await token('data:users events:messages'));
    expect(answer).toEqual({
      active: true,
      scope: 'data:users events:messages',
      client_id: client.clientId,
      username: 'crm',
      token_type: 'Bearer',
      exp: expect.any(Number),
      iat: expect.any(Number),
      sub: expect.any(String),
      iss: server.url,
    });
    const { exp, iat } = answer as { exp: number; iat: number };
    expect([Number.isInteger(exp), Number.isInteger(iat), exp - iat]).toEqual([true, true, 60]);
  });

  it('a token that is not active SHOULD have no further information', async () => {
    const { server, session, authorization, client, token } = shared();
    const revoked = await token();
    await server.post('/oauth/v1/revoke', { token: revoked }, authorization);
    const other = await issueClient(session, 'stopped');
    const granted = await server.post(
      '/oauth/v1/token',
      { grant_type: 'client_credentials' },
      basic(other.clientId, other.secret),
    );
    const stopped = (JSON.parse(granted.text) as { access_token: string }).access_token;
    await session.ok('deactivate', 'stopped');
    for (const text of [revoked, stopped, unknownSecret('tok'), forged(revoked), client.secret, 'rubbish']) {
      expect(await introspected(text), text).toEqual({ active: false });
    }
  });

  it('what the caller may not know about SHOULD look like a token that is not active (§4)', async () => {
    const { session, token } = shared();
    const stranger = await issueClient(session, 'stranger');
    expect(await introspected(await token(), basic(stranger.clientId, stranger.secret))).toEqual({
      active: false,
    });
  });

  it('follows the present state: a scope that the credential loses is not in the answer', async () => {
    const { server, session } = shared();
    const other = await issueClient(
      session,
      'narrowed',
      '--scope',
      'data:users',
      '--scope',
      'data:conversations',
    );
    const header = basic(other.clientId, other.secret);
    const { text } = await server.post('/oauth/v1/token', { grant_type: 'client_credentials' }, header);
    const { access_token: token } = JSON.parse(text) as { access_token: string };
    expect(await introspected(token, header)).toMatchObject({ scope: 'data:conversations data:users' });
    await session.ok('edit', 'narrowed', '--remove-scope', 'data:users');
    expect(await introspected(token, header)).toMatchObject({ scope: 'data:conversations' });
  });

  it('is not to be kept by anybody (§4)', async () => {
    const { server, authorization } = shared();
    const { headers } = await server.post(PATH, { token: 'x' }, authorization);
    expect(headers['cache-control']).toBe('no-store');
  });
});

describe('RFC 7662 §2.3, errors', () => {
  it('wrong client credentials MUST be 401 as in RFC 6749 §5.2', async () => {
    const { server, client } = shared();
    const { status, headers, text } = await server.post(
      PATH,
      { token: 'x' },
      basic(client.clientId, 'wrong'),
    );
    expect([status, JSON.parse(text)]).toEqual([401, { error: 'invalid_client' }]);
    expect(headers['www-authenticate']).toMatch(/^Basic /);
  });

  it('a wrong bearer token MUST be 401 as in RFC 6750 §3', async () => {
    const { status, headers } = await shared().server.post(
      PATH,
      { token: 'x' },
      bearer(unknownSecret('key')),
    );
    expect([status, headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="credctl", error="invalid_token"',
    ]);
  });
});
