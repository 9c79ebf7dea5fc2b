import { describe, expect, it } from 'vitest';
import { forged, issueClient, unknownSecret } from '../../support/servers/clients.js';
import { basic, bearer } from '../../support/servers/server.js';
import { sharedServer } from '../../support/servers/shared-server.js';

const PATH = '/oauth/v1/revoke';

const shared = sharedServer();

async function isGood(token: string): Promise<boolean> {
  const { status } = await shared().server.send('/rest/v1/auth/test', { headers: bearer(token) });
  expect([200, 401]).toContain(status);
  return status === 200;
}

describe('RFC 7009 §2.1, the request', () => {
  it('MUST be a POST', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      const { status, headers } = await shared().server.send(PATH, { method });
      expect([status, headers.allow], method).toEqual([405, 'POST']);
    }
  });

  it('token is REQUIRED, in the body', async () => {
    const { server, authorization, token } = shared();
    const secret = await token();
    for (const answered of [
      await server.post(PATH, {}, authorization),
      await server.post(PATH, { token: '' }, authorization),
      await server.post(`${PATH}?token=${secret}`, {}, authorization),
    ]) {
      expect([answered.status, JSON.parse(answered.text).error]).toEqual([400, 'invalid_request']);
    }
    expect(await isGood(secret)).toBe(true);
  });

  it.each(['access_token', 'refresh_token', 'nothing known'])(
    'an unfitting or unknown token_type_hint does not keep the token from being found: %s',
    async (token_type_hint) => {
      const { server, authorization, token } = shared();
      const secret = await token();
      expect((await server.post(PATH, { token: secret, token_type_hint }, authorization)).status).toBe(200);
      expect(await isGood(secret)).toBe(false);
    },
  );

  it('the client MUST be authenticated before anything is revoked', async () => {
    const { server, client, token } = shared();
    const secret = await token();
    for (const headers of [{}, basic(client.clientId, forged(client.secret)), bearer(secret)]) {
      const { status, text } = await server.post(PATH, { token: secret }, headers);
      expect([status, JSON.parse(text)]).toEqual([401, { error: 'invalid_client' }]);
    }
    expect(await isGood(secret)).toBe(true);
  });

  it('a token that was issued to another client MUST NOT be revoked', async () => {
    const { server, session, token } = shared();
    const stranger = await issueClient(session, 'stranger');
    const secret = await token();
    const { status, text } = await server.post(
      PATH,
      { token: secret },
      basic(stranger.clientId, stranger.secret),
    );
    expect([status, text]).toEqual([200, '']);
    expect(await isGood(secret)).toBe(true);
  });

  it('invalidation takes place immediately, and the token cannot be used again', async () => {
    const { server, authorization, token } = shared();
    const [revoked, other] = [await token(), await token()];
    await server.post(PATH, { token: revoked }, authorization);
    expect([await isGood(revoked), await isGood(other)]).toEqual([false, true]);
    const { text } = await server.post('/oauth/v1/introspect', { token: revoked }, authorization);
    expect(JSON.parse(text)).toEqual({ active: false });
  });
});

describe('RFC 7009 §2.2, the answer', () => {
  it('is 200 when the token was revoked, when it was before, and when there is none like it', async () => {
    const { server, authorization, client, token } = shared();
    const secret = await token();
    for (const text of [secret, secret, unknownSecret('tok'), forged(secret), 'rubbish', client.secret]) {
      const answered = await server.post(PATH, { token: text }, authorization);
      expect([answered.status, answered.text], text).toEqual([200, '']);
    }
    expect(await isGood(await token())).toBe(true);
  });

  it('§2.2.1 has the errors of RFC 6749 §5.2', async () => {
    const { server, authorization, client } = shared();
    const errors = [
      await server.post(PATH, { token: 'x', client_secret: client.secret }, authorization),
      await server.send(PATH, {
        method: 'POST',
        headers: { ...authorization, 'content-type': 'text/plain' },
        body: 'token=x',
      }),
      await server.send(PATH, {
        method: 'POST',
        headers: { ...authorization, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'token=x&token=y',
      }),
    ];
    for (const { status, headers, text } of errors) {
      expect([status, JSON.parse(text).error]).toEqual([400, 'invalid_request']);
      expect(headers['cache-control']).toBe('no-store');
    }
  });
});
