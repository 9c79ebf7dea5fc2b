import { describe, expect, it } from 'vitest';
import { until } from '../../support/program/until.js';
import { forged, issueClient, unknownSecret } from '../../support/servers/clients.js';
import { type Answered, basic, bearer } from '../../support/servers/server.js';
import { sharedServer } from '../../support/servers/shared-server.js';

const PATH = '/rest/v1/auth/test';

const shared = sharedServer();

/** What the challenge says (RFC 9110 §11.6.1): the scheme, and its parameters in their order. */
function challenge({ headers }: Answered): readonly [string, readonly (readonly [string, string])[]] {
  const [, scheme = '', parameters = ''] = /^(\S+) (.*)$/.exec(headers['www-authenticate'] ?? '') ?? [];
  return [
    scheme,
    [...parameters.matchAll(/([a-z_]+)="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    ),
  ];
}

const get = (headers: Readonly<Record<string, string>> = {}, path = PATH) =>
  shared().server.send(path, { headers });

describe('RFC 6750 §2, how a token is presented', () => {
  it('§2.1 the Authorization header MUST be supported, its scheme in any case (RFC 9110 §11.1)', async () => {
    const token = await shared().token();
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      expect((await get({ authorization: `${scheme} ${token}` })).status).toBe(200);
    }
  });

  it('§2.2 and §2.3 a token in the body or the URL is not looked at', async () => {
    const { server, token } = shared();
    const secret = await token();
    expect((await get({}, `${PATH}?access_token=${secret}`)).status).toBe(401);
    expect((await server.post('/verify', { access_token: secret })).status).toBe(401);
    expect((await get({}, `/verify?access_token=${secret}`)).status).toBe(401);
    expect(server.log()).not.toContain(secret);
  });

  it('§2 more than one way in one request is invalid_request', async () => {
    const { session, token } = shared();
    const key = await session.issue('two-ways');
    const answered = await get({ ...bearer(await token()), 'x-api-key': key }, '/verify');
    expect([answered.status, JSON.parse(answered.text).error]).toEqual([400, 'invalid_request']);
  });
});

describe('RFC 6750 §3, the challenge', () => {
  it('MUST be there without and with a bad token, with the scheme Bearer and one or more parameters', async () => {
    const token = await shared().token();
    for (const headers of [{}, bearer(forged(token)), bearer('rubbish'), { authorization: 'Bearer' }]) {
      const answered = await get(headers);
      const [scheme, parameters] = challenge(answered);
      expect(scheme).toBe('Bearer');
      expect(parameters[0]).toEqual(['realm', 'credctl']);
    }
  });

  it('no parameter may appear twice', async () => {
    const key = await shared().session.issue('once');
    for (const path of ['/verify?scope=events:messages', '/verify?scope=nonsense', PATH]) {
      const [, parameters] = challenge(await get(path === PATH ? bearer('x') : bearer(key), path));
      expect(new Set(parameters.map(([name]) => name)).size).toBe(parameters.length);
    }
  });

  it('who has not tried to authenticate SHOULD NOT get an error (§3.1)', async () => {
    for (const headers of [{}, { authorization: 'Basic eDp5' }]) {
      const answered = await get(headers);
      expect([answered.status, answered.text, challenge(answered)]).toEqual([
        401,
        '',
        ['Bearer', [['realm', 'credctl']]],
      ]);
    }
  });

  it('error, error_description and scope have only characters that are allowed', async () => {
    const key = await shared().session.issue('characters');
    for (const query of ['scope="', 'scope=%5c', 'scope=%22:%0d%0ax', 'scope=events:messages']) {
      const header = (await get(bearer(key), `/verify?${query}`)).headers['www-authenticate'] ?? '';
      expect(header).toMatch(/^Bearer(?: [a-z_]+="[ !#-[\]-~]*",?)+$/);
    }
  });
});

describe('RFC 6750 §3.1, the errors', () => {
  it('invalid_request SHOULD be 400', async () => {
    for (const authorization of ['Bearer', 'Bearer ', 'Bearer a b']) {
      const answered = await get({ authorization });
      expect(answered.status).toBe(400);
      expect(challenge(answered)[1]).toContainEqual(['error', 'invalid_request']);
    }
  });

  it('invalid_token SHOULD be 401, for an expired, revoked, malformed or otherwise invalid token', async () => {
    const { server, session, authorization, token } = shared();
    const revoked = await token();
    await server.post('/oauth/v1/revoke', { token: revoked }, authorization);
    const short = await issueClient(session, 'short', '--expires-in', '60s');
    const granted = await server.post(
      '/oauth/v1/token',
      { grant_type: 'client_credentials' },
      basic(short.clientId, short.secret),
    );
    const { access_token: expired, expires_in } = JSON.parse(granted.text) as {
      access_token: string;
      expires_in: number;
    };
    expect(expires_in).toBeLessThanOrEqual(60);
    await session.ok('edit', 'short', '--expires-in', '1s');
    await until(async () => (await get(bearer(expired))).status === 401);
    const answers = await Promise.all(
      [revoked, expired, unknownSecret('tok'), 'rubbish'].map((secret) => get(bearer(secret))),
    );
    for (const answered of answers) {
      expect([answered.status, answered.text]).toEqual([401, '{"error":"invalid_token"}']);
      expect(challenge(answered)[1]).toEqual([
        ['realm', 'credctl'],
        ['error', 'invalid_token'],
      ]);
    }
  });

  it('insufficient_scope SHOULD be 403, and says which scope is needed', async () => {
    const answered = await get(
      bearer(await shared().token('data:users')),
      '/verify?scope=data:conversations',
    );
    expect(answered.status).toBe(403);
    expect(challenge(answered)[1]).toEqual([
      ['realm', 'credctl'],
      ['error', 'insufficient_scope'],
      ['scope', 'data:conversations'],
    ]);
  });
});

describe('RFC 6750 §5, security', () => {
  it('§5.3 tokens SHOULD live an hour at most, and no answer with one may be kept', async () => {
    const { server, authorization } = shared();
    const granted = await server.post('/oauth/v1/token', { grant_type: 'client_credentials' }, authorization);
    expect(JSON.parse(granted.text).expires_in).toBeLessThanOrEqual(3_600);
    expect(granted.headers['cache-control']).toBe('no-store');
    expect((await get(bearer(JSON.parse(granted.text).access_token))).headers['cache-control']).toBe(
      'no-store',
    );
  });

  it('§5.3 tokens MUST NOT be in cookies, and none is taken from one', async () => {
    const token = await shared().token();
    const answered = await get({ cookie: `access_token=${token}` });
    expect(answered.status).toBe(401);
    expect((await get(bearer(token))).headers['set-cookie']).toBeUndefined();
  });

  it('§5.2 a token that was changed anywhere is worth nothing', async () => {
    const token = await shared().token();
    for (const at of [0, 9, 20, 40, token.length - 1]) {
      const changed = `${token.slice(0, at)}${token[at] === 'a' ? 'b' : 'a'}${token.slice(at + 1)}`;
      expect((await get(bearer(changed))).status, String(at)).toBe(401);
    }
  });
});
