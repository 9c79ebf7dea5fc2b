import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import {
  clientIn,
  forged,
  issueClient,
  type TestClient,
  unknownSecret,
} from '../../support/servers/clients.js';
import { basic, bearer, type Server, startServer } from '../../support/servers/server.js';

const INTROSPECT = '/oauth/v1/introspect';
const REVOKE = '/oauth/v1/revoke';
const INACTIVE = '{"active":false}';

async function tokenOf(server: Server, { clientId, secret }: TestClient, scope = ''): Promise<string> {
  const { text } = await server.post(
    '/oauth/v1/token',
    { grant_type: 'client_credentials', scope },
    basic(clientId, secret),
  );
  return (JSON.parse(text) as { access_token: string }).access_token;
}

describe('introspection (RFC 7662)', () => {
  it('tells a client about its own tokens, whichever way it authenticates', async () => {
    const session = await openSession();
    const client = await issueClient(session, 'crm');
    const server = await startServer(session);
    const before = Math.floor(Date.now() / 1_000);
    const token = await tokenOf(server, client, 'data:users');
    const header = basic(client.clientId, client.secret);
    const answers = [
      await server.post(INTROSPECT, { token, token_type_hint: 'access_token' }, header),
      await server.post(INTROSPECT, { token, client_id: client.clientId, client_secret: client.secret }),
    ];
    for (const { status, headers, text } of answers) {
      expect(status).toBe(200);
      expect(headers['cache-control']).toBe('no-store');
      const body = JSON.parse(text) as { iat: number; exp: number };
      expect(body).toEqual({
        active: true,
        scope: 'data:users',
        client_id: client.clientId,
        token_type: 'Bearer',
        iat: expect.any(Number),
        exp: body.iat + 3600,
        sub: expect.stringMatching(/^[0-9a-f-]{36}$/),
        username: 'crm',
        iss: server.url,
      });
      expect(body.iat).toBeGreaterThanOrEqual(before);
    }
  });

  it('tells when a token stops with what obtained it, where that is before its own time', async () => {
    const session = await openSession();
    const client = await issueClient(session, 'crm');
    const server = await startServer(session);
    const token = await tokenOf(server, client);
    const remaining = async (using: TestClient) => {
      const { text } = await server.post(INTROSPECT, { token }, basic(using.clientId, using.secret));
      const { iat, exp } = JSON.parse(text) as { iat: number; exp: number };
      return exp - iat;
    };
    expect(await remaining(client)).toBe(3_600);
    await session.ok('edit', 'crm', '--expires-in', '40m');
    expect(Math.abs((await remaining(client)) - 2_400)).toBeLessThan(300);
    const renewed = clientIn(await session.ok('rotate', 'crm', '--grace', '20m', '--json'));
    expect(Math.abs((await remaining(renewed)) - 1_200)).toBeLessThan(300);
  });

  it('tells others exactly that it is not active, unless they hold credctl:introspect', async () => {
    const session = await openSession();
    const client = await issueClient(session, 'crm');
    const stranger = await issueClient(session, 'stranger');
    const gateway = await session.issue('gateway', '--scope', 'credctl:introspect');
    const plain = await session.issue('plain');
    const server = await startServer(session);
    const token = await tokenOf(server, client);
    const ask = async (headers: Record<string, string>, text = token) =>
      (await server.post(INTROSPECT, { token: text }, headers)).text;
    expect(await ask(basic(stranger.clientId, stranger.secret))).toBe(INACTIVE);
    const refused = await server.post(INTROSPECT, { token }, bearer(plain));
    expect([refused.status, JSON.parse(refused.text), refused.headers['www-authenticate']]).toEqual([
      403,
      { error: 'insufficient_scope', scope: 'credctl:introspect' },
      'Bearer realm="credctl", error="insufficient_scope", scope="credctl:introspect"',
    ]);
    await until(() => server.log().includes('"reason":"insufficient_scope"'));
    expect(JSON.parse(await ask(bearer(gateway)))).toMatchObject({ active: true, username: 'crm' });
    for (const text of [unknownSecret('tok'), forged(token), 'rubbish', client.secret]) {
      expect(await ask(bearer(gateway), text)).toBe(INACTIVE);
    }
    await session.ok('deactivate', 'crm');
    expect(await ask(bearer(gateway))).toBe(INACTIVE);
  });

  it('refuses callers that cannot authenticate, and requests without a token', async () => {
    const session = await openSession();
    const client = await issueClient(session, 'crm');
    const server = await startServer(session);
    const token = await tokenOf(server, client);
    const wrong = await server.post(INTROSPECT, { token }, basic(client.clientId, forged(client.secret)));
    expect([wrong.status, wrong.text]).toEqual([401, '{"error":"invalid_client"}']);
    expect(wrong.headers['www-authenticate']).toBe('Basic realm="credctl"');
    const nobody = await server.post(INTROSPECT, { token });
    expect([nobody.status, nobody.text]).toEqual([401, '{"error":"invalid_client"}']);
    expect(nobody.headers['www-authenticate']).toBe('Bearer realm="credctl"');
    const inBody = { token, client_id: client.clientId, client_secret: 'wrong' };
    expect((await server.post(INTROSPECT, inBody)).headers['www-authenticate']).toBeUndefined();
    for (const secret of [forged(token), client.secret, 'rubbish']) {
      const refused = await server.post(INTROSPECT, { token }, bearer(secret));
      expect([refused.status, refused.text]).toEqual([401, '{"error":"invalid_token"}']);
    }
    const missing = await server.post(INTROSPECT, {}, basic(client.clientId, client.secret));
    expect([missing.status, JSON.parse(missing.text)]).toEqual([
      400,
      { error: 'invalid_request', error_description: 'token is missing' },
    ]);
    expect(
      (await server.post(INTROSPECT, { token, client_secret: client.secret }, bearer(token))).status,
    ).toBe(400);
  });
});

describe('revocation (RFC 7009)', () => {
  it('ends a token of the client at once, also for another server on the store, and is always 200', async () => {
    const session = await openSession();
    const client = await issueClient(session, 'crm');
    const stranger = await issueClient(session, 'stranger');
    const [server, other] = [await startServer(session), await startServer(session)];
    const token = await tokenOf(server, client);
    const good = async (on: Server) =>
      (await on.send('/rest/v1/auth/test', { headers: bearer(token) })).status;
    const revoke = async (by: TestClient, text: string) => {
      const answered = await server.post(REVOKE, { token: text }, basic(by.clientId, by.secret));
      return [answered.status, answered.text];
    };
    expect([await good(server), await good(other)]).toEqual([200, 200]);
    for (const text of ['rubbish', unknownSecret('tok'), forged(token), client.secret]) {
      expect(await revoke(client, text)).toEqual([200, '']);
    }
    expect(await revoke(stranger, token)).toEqual([200, '']);
    expect([await good(server), await good(other)]).toEqual([200, 200]);
    expect(await revoke(client, token)).toEqual([200, '']);
    expect([await good(server), await good(other)]).toEqual([401, 401]);
    expect(await revoke(client, token)).toEqual([200, '']);
    expect(await revoke({ ...client, secret: forged(client.secret) }, token)).toEqual([
      401,
      '{"error":"invalid_client"}',
    ]);
    expect((await server.post(REVOKE, {}, basic(client.clientId, client.secret))).status).toBe(400);
  });
});
