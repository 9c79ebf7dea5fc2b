import { describe, expect, it } from 'vitest';
import { forged, issueClient } from '../../support/servers/clients.js';
import { type Answered, basic } from '../../support/servers/server.js';
import { sharedServer } from '../../support/servers/shared-server.js';

const PATH = '/oauth/v1/token';
const GRANT = { grant_type: 'client_credentials' };
const FORM = 'application/x-www-form-urlencoded';

const shared = sharedServer('--rate-limit', '0');

const post = (
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = shared().authorization,
) => shared().server.post(PATH, form, headers);

const send = (body: string, type = FORM) =>
  shared().server.send(PATH, {
    method: 'POST',
    headers: { 'content-type': type, ...shared().authorization },
    body,
  });

function document({ text }: Answered): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

function expectError(answered: Answered, status: number, error: string): void {
  expect([answered.status, document(answered)['error']]).toEqual([status, error]);
}

describe('RFC 6749 §2.3, client authentication', () => {
  it('§2.3.1 HTTP Basic MUST be supported', async () => {
    expect((await post(GRANT)).status).toBe(200);
  });

  it('§2.3.1 id and secret are form-urlencoded before they go into Basic', async () => {
    const { client } = shared();
    const encoded = (text: string) => text.replaceAll('_', '%5f');
    expect((await post(GRANT, basic(encoded(client.clientId), encoded(client.secret)))).status).toBe(200);
    expectError(await post(GRANT, basic(`${client.clientId}+`, client.secret)), 401, 'invalid_client');
  });

  it('§2.3.1 credentials in the body MAY be supported, and MUST NOT be in the URL', async () => {
    const { server, client } = shared();
    const credentials = { client_id: client.clientId, client_secret: client.secret };
    expect((await post({ ...GRANT, ...credentials }, {})).status).toBe(200);
    const query = new URLSearchParams(credentials).toString();
    expectError(await server.post(`${PATH}?${query}`, GRANT), 400, 'invalid_request');
    expect(server.log()).not.toContain(client.secret);
  });

  it('§2.3 more than one authentication method in a request is an error', async () => {
    const { client } = shared();
    expectError(await post({ ...GRANT, client_secret: client.secret }), 400, 'invalid_request');
  });

  it('§2.3.1 the endpoint MUST be protected against guessing', async () => {
    const { session } = shared();
    const guessed = await issueClient(session, 'guessed');
    const statuses: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      statuses.push((await post(GRANT, basic(guessed.clientId, `guess-${n}`))).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
  });
});

describe('RFC 6749 §3.2, the token endpoint', () => {
  it('MUST be used with POST', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
      const { status, headers } = await shared().server.send(PATH, { method });
      expect([status, headers.allow], method).toEqual([405, 'POST']);
    }
  });

  it('a parameter without a value MUST be treated as if it were not there', async () => {
    expect(document(await post({ ...GRANT, scope: '', client_id: '', client_secret: '' }))).toMatchObject({
      scope: 'data:* events:*',
    });
    expectError(await post({ grant_type: '' }), 400, 'invalid_request');
  });

  it('an unknown parameter MUST be ignored', async () => {
    expect((await post({ ...GRANT, nothing: 'known', redirect_uri: 'https://x.example/' })).status).toBe(200);
  });

  it('a parameter MUST NOT be there twice', async () => {
    for (const body of [
      'grant_type=client_credentials&grant_type=client_credentials',
      'grant_type=client_credentials&scope=data:users&scope=data:users',
      'grant_type=client_credentials&x=1&x=1',
    ]) {
      expectError(await send(body), 400, 'invalid_request');
    }
  });

  it('§3.2.1 a confidential client MUST authenticate', async () => {
    const { client } = shared();
    for (const form of [GRANT, { ...GRANT, client_id: client.clientId }]) {
      expectError(await post(form, {}), 401, 'invalid_client');
    }
  });
});

describe('RFC 6749 §3.3, scope', () => {
  it('is a list without order, parted by spaces, and case-sensitive', async () => {
    const one = document(await post({ ...GRANT, scope: 'events:messages data:users' }));
    const other = document(await post({ ...GRANT, scope: 'data:users events:messages' }));
    expect(one['scope']).toBe(other['scope']);
    expectError(await post({ ...GRANT, scope: 'DATA:users' }), 400, 'invalid_scope');
  });

  it('MUST be in the answer when it is another than asked for, and is always', async () => {
    expect(document(await post(GRANT))['scope']).toBe('data:* events:*');
    expect(document(await post({ ...GRANT, scope: 'data:users data:users' }))['scope']).toBe('data:users');
    expect(document(await post({ ...GRANT, scope: 'data:users' }))['scope']).toBe('data:users');
  });

  it('without it there MUST be a default or an error: the default is all that the client holds', async () => {
    const { session } = shared();
    const one = await issueClient(session, 'one-scope', '--scope', 'data:users');
    expect(document(await post(GRANT, basic(one.clientId, one.secret)))['scope']).toBe('data:users');
  });
});

describe('RFC 6749 §4.4, client credentials', () => {
  it('§4.4.2 grant_type MUST be client_credentials; Appendix B, a form in UTF-8', async () => {
    expect((await send('grant_type=client_credentials', `${FORM}; charset=UTF-8`)).status).toBe(200);
    expectError(await post({ scope: 'data:users' }), 400, 'invalid_request');
  });

  it('§4.4.3 a refresh token SHOULD NOT be in the answer', async () => {
    expect(document(await post(GRANT))).not.toHaveProperty('refresh_token');
  });

  it('§4.4 MUST only be used by confidential clients: an API key is none', async () => {
    const key = await shared().session.issue('no-client');
    expectError(
      await post({ ...GRANT, client_id: 'no-client', client_secret: key }, {}),
      401,
      'invalid_client',
    );
  });
});

describe('RFC 6749 §5.1, the answer', () => {
  it('has access_token and token_type (REQUIRED), expires_in and scope, as JSON with 200', async () => {
    const answered = await post(GRANT);
    expect([answered.status, answered.headers['content-type']]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    expect(document(answered)).toEqual({
      access_token: expect.stringMatching(/^[\x20-\x7e]+$/),
      token_type: 'Bearer',
      expires_in: 60,
      scope: 'data:* events:*',
    });
  });

  it('MUST have Cache-Control: no-store and Pragma: no-cache', async () => {
    expect((await post(GRANT)).headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
  });

  it('§10.10 tokens MUST NOT be guessable: 43 characters of base62, none like another', async () => {
    const tokens = await Promise.all(
      Array.from({ length: 20 }, async () => String(document(await post(GRANT))['access_token'])),
    );
    const secrets = tokens.map((token) => token.slice('cctl_tok_'.length + 12, -6));
    expect(new Set(secrets).size).toBe(20);
    expect(secrets.every((secret) => /^[0-9A-Za-z]{43}$/.test(secret))).toBe(true);
  });
});

describe('RFC 6749 §5.2, the errors', () => {
  it('invalid_client MAY be 401, and MUST be with WWW-Authenticate for who has used the header', async () => {
    const { client } = shared();
    for (const headers of [basic(client.clientId, forged(client.secret)), basic('nobody', 'x')]) {
      const answered = await post(GRANT, headers);
      expectError(answered, 401, 'invalid_client');
      expect(answered.headers['www-authenticate']).toBe('Basic realm="credctl"');
    }
  });

  it('invalid_scope names white space that is too much, which is hard to see (§3.3)', async () => {
    const description = 'scope has extra white space: put one space between scopes, and none at the ends';
    for (const scope of [
      ' data:users',
      'data:users ',
      'data:users  data:users',
      'data:users\n',
      ' ',
      'a\tb',
    ]) {
      const answered = await post({ ...GRANT, scope });
      expectError(answered, 400, 'invalid_scope');
      expect(document(answered)['error_description'], JSON.stringify(scope)).toBe(description);
    }
    expect(document(await post({ ...GRANT, scope: 'nothing' }))).toEqual({ error: 'invalid_scope' });
  });

  it('invalid_request, unsupported_grant_type and invalid_scope are 400', async () => {
    expectError(await send('%'), 400, 'invalid_request');
    for (const grant_type of [
      'password',
      'authorization_code',
      'refresh_token',
      'urn:x',
      'CLIENT_CREDENTIALS',
    ]) {
      expectError(await post({ grant_type }), 400, 'unsupported_grant_type');
    }
    for (const scope of ['nothing', 'credctl:introspect', 'data:users\tdata:users', '"', 'é']) {
      expectError(await post({ ...GRANT, scope }), 400, 'invalid_scope');
    }
  });

  it('error and error_description MUST have only characters that are allowed, and nothing of the request', async () => {
    for (const form of [
      { grant_type: '"\\\u0000é' },
      { ...GRANT, scope: '"\\\r\né<script>' },
      { ...GRANT, client_secret: '"\\é' },
      {},
    ]) {
      const answered = await post(form);
      expect(answered.status).toBe(400);
      for (const text of Object.values(document(answered))) expect(text).toMatch(/^[ !#-[\]-~]+$/);
      expect(answered.text).not.toContain('<');
    }
  });

  it('are JSON, and not to be kept', async () => {
    for (const answered of [
      await post({}),
      await post(GRANT, basic('nobody', 'x')),
      await post({ ...GRANT, scope: 'x' }),
    ]) {
      expect(answered.headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        pragma: 'no-cache',
      });
    }
  });
});
