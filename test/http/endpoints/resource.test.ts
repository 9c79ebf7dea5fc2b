import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { forged, issueClient, unknownSecret } from '../../support/servers/clients.js';
import { type Answered, bearer, startServer } from '../../support/servers/server.js';

/** Requirements that would take long to look at. */
const LONG = `scope=${'x'.repeat(14_000)}:y`;
const MANY = Array.from({ length: 500 }, (_, n) => `scope=a${n}:b`).join('&');

const TEST_AUTH = '/rest/v1/auth/test';

describe('test auth', () => {
  it('tells whose API key or access token it is', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot', '--expires-at', '2099-01-01T00:00:00Z');
    const client = await issueClient(session, 'crm');
    const server = await startServer(session);
    const answered = await server.send(TEST_AUTH, { headers: bearer(key) });
    expect(answered.status).toBe(200);
    expect(answered.headers['cache-control']).toBe('no-store');
    expect(JSON.parse(answered.text)).toEqual({
      name: 'ci-bot',
      type: 'api-key',
      client_id: null,
      scopes: ['data:users'],
      expires_at: '2099-01-01T00:00:00.000Z',
    });
    const { text } = await server.post('/oauth/v1/token', {
      grant_type: 'client_credentials',
      scope: 'data:users',
      client_id: client.clientId,
      client_secret: client.secret,
    });
    const { access_token: token } = JSON.parse(text) as { access_token: string };
    const about = JSON.parse((await server.send(TEST_AUTH, { headers: bearer(token) })).text);
    expect(about).toEqual({
      name: 'crm',
      type: 'oauth2',
      client_id: client.clientId,
      scopes: ['data:users'],
      expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('answers every secret that is not good in the same bytes (RFC 6750 §3.1)', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const inactive = await session.issue('inactive');
    await session.ok('deactivate', 'inactive');
    const deleted = await session.issue('deleted');
    await session.ok('delete', 'deleted', '--yes');
    const client = await issueClient(session, 'crm');
    const server = await startServer(session);
    const answers: Answered[] = [];
    for (const secret of [
      forged(key),
      unknownSecret('key'),
      unknownSecret('tok'),
      inactive,
      deleted,
      client.secret,
      client.clientId,
      'rubbish',
      `${key}x`,
      key.slice(0, -1),
      'é'.repeat(40),
    ]) {
      answers.push(await server.send(TEST_AUTH, { headers: bearer(Buffer.from(secret).toString('latin1')) }));
    }
    for (const { status, headers, text } of answers) {
      expect({ status, text }).toEqual({ status: 401, text: '{"error":"invalid_token"}' });
      const { date: _, 'x-request-id': __, ...rest } = headers;
      expect(rest).toEqual({
        'cache-control': 'no-store',
        pragma: 'no-cache',
        'www-authenticate': 'Bearer realm="credctl", error="invalid_token"',
        'content-type': 'application/json; charset=utf-8',
        'content-length': '25',
        connection: 'close',
      });
    }
  });

  it('names no error to who presents nothing, and takes a secret from nowhere else', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const server = await startServer(session);
    for (const answered of [
      await server.send(TEST_AUTH),
      await server.send(`${TEST_AUTH}?access_token=${key}`),
      await server.send(TEST_AUTH, { headers: { 'x-api-key': key } }),
      await server.send(TEST_AUTH, { headers: { authorization: 'Basic eDp5' } }),
      await server.send(TEST_AUTH, { headers: { authorization: '' } }),
    ]) {
      expect({ status: answered.status, text: answered.text }).toEqual({ status: 401, text: '' });
      expect(answered.headers['www-authenticate']).toBe('Bearer realm="credctl"');
    }
    expect(server.log()).not.toContain(key);
  });

  it('refuses a header that cannot be read, or two of them, as invalid_request', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const server = await startServer(session);
    const raw = (...lines: string[]) =>
      server.raw(
        `GET ${TEST_AUTH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${lines.join('\r\n')}\r\n\r\n`,
      );
    for (const lines of [
      ['Authorization: Bearer'],
      [`Authorization: Bearer ${key} ${key}`],
      [`Authorization: Bearer ${key}`, `Authorization: Bearer ${key}`],
      [`Authorization: Bearer ${key}`, 'Authorization: Basic eDp5'],
      ['Authorization:', `Authorization: Bearer ${key}`],
    ]) {
      const answer = await raw(...lines);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('Bearer realm="credctl", error="invalid_request"');
      expect(answer).not.toContain(key);
    }
    expect(await raw(`Authorization: bearer   ${key}  `)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('forward auth', () => {
  it('answers any method on any path below /verify, with who it is', async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'ops', '--kind', 'service');
    const key = await session.issue('ci-bot', '--owner', 'ops', '--scope', 'data:conversations');
    const server = await startServer(session);
    for (const method of [
      'GET',
      'HEAD',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'OPTIONS',
      'PROPFIND',
      'QUERY',
      'TRACE',
    ]) {
      for (const path of ['/verify', '/verify/', '/verify/deep/er?x=1']) {
        const { status, headers, text } = await server.send(path, { method, headers: bearer(key) });
        expect({ method, path, status, text }).toEqual({ method, path, status: 200, text: '' });
        expect(headers).toMatchObject({
          'x-credential-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
          'x-credential-name': 'ci-bot',
          'x-credential-owner': 'ops',
          'x-credential-scopes': 'data:conversations data:users',
        });
      }
    }
  });

  it('ignores a body of any type and size, and a name that is not its own', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const server = await startServer(session);
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'x/y']) {
      const { status } = await server.send('/verify', {
        method: 'POST',
        headers: { 'content-type': type, 'x-api-key': key, host: 'shop.example' },
        body: `{"broken${'x'.repeat(100_000)}`,
      });
      expect(status).toBe(200);
    }
    const { headers } = await server.send('/verify', { headers: bearer(key) });
    expect(headers['x-credential-owner']).toBe('');
  });

  it('requires scopes: 403 with what is required (RFC 6750 §3.1)', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot', '--scope', 'data:conversations');
    const server = await startServer(session);
    const ask = (query: string, headers = bearer(key)) => server.send(`/verify?${query}`, { headers });
    expect((await ask('scope=data:users')).status).toBe(200);
    expect((await ask('scope=data:users&path=/search?q=1&scopes=own&page=2')).status).toBe(200);
    expect((await ask('path=/search&oscilloscope=1')).status).toBe(200);
    expect((await ask('scope=data:users&scope=data%3Aconversations')).status).toBe(200);
    const refused = await ask('scope=data:users&scope=events:messages');
    expect(refused.status).toBe(403);
    expect(refused.headers['www-authenticate']).toBe(
      'Bearer realm="credctl", error="insufficient_scope", scope="data:users events:messages"',
    );
    expect(JSON.parse(refused.text)).toEqual({
      error: 'insufficient_scope',
      scope: 'data:users events:messages',
    });
    expect(refused.headers['x-credential-name']).toBeUndefined();
    const handle = key.slice(0, 'cctl_key_'.length + 12);
    await until(() => server.log().includes(`"reason":"insufficient_scope","handle":"${handle}"`));
    for (const query of [
      'scopes=data:users',
      'SCOPE=data:users',
      'scope[]=data:users',
      'required_scope=data:users',
      'scope=nothing:here',
      'scope=',
      'scope=%00',
      'scope=data:users&scope=x',
      LONG,
      MANY,
    ]) {
      expect((await ask(query)).status, query).toBe(400);
      expect((await ask(query, bearer(forged(key)))).status, query).toBe(401);
    }
    for (const scope of ['data:users%20data:conversations', '%20data:users', 'data:users+']) {
      const stray = await ask(`scope=${scope}`);
      expect([stray.status, JSON.parse(stray.text).error_description], scope).toEqual([
        400,
        'a required scope contains white space: repeat scope= for each scope',
      ]);
    }
    for (const name of ['scope[0]', 'scope.', '?scope', ';scope', 'scope%20', 'required-scopes']) {
      expect((await ask(`${name}=data:users`)).status, name).toBe(400);
    }
  });

  it('takes an API key as X-API-Key, but neither a token nor a client secret, nor two secrets', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const client = await issueClient(session, 'crm');
    const server = await startServer(session);
    const status = async (headers: Record<string, string | readonly string[]>) =>
      (await server.send('/verify', { headers })).status;
    const { text } = await server.post('/oauth/v1/token', {
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: client.secret,
    });
    const { access_token: token } = JSON.parse(text) as { access_token: string };
    expect(await status({ 'x-api-key': key })).toBe(200);
    expect(await status({ 'x-api-key': key, authorization: 'Basic eDp5' })).toBe(200);
    expect(await status(bearer(token))).toBe(200);
    expect(await status({ 'x-api-key': token })).toBe(401);
    expect(await status({ 'x-api-key': client.secret })).toBe(401);
    expect(await status({ 'x-api-key': '' })).toBe(401);
    expect(await status({ 'x-api-key': key, ...bearer(key) })).toBe(400);
    expect(await status({ 'x-api-key': '', ...bearer(key) })).toBe(200);
    expect(await status({ 'x-api-key': key, authorization: '' })).toBe(200);
    expect(await status({ 'x-api-key': ['', key], ...bearer(key) })).toBe(400);
    expect(await status({ 'x-api-key': [key, key] })).toBe(400);
    expect(await status({})).toBe(401);
  });
});
