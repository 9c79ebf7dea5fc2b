import { describe, expect, it } from 'vitest';
import { openSession } from '../support/program/run.js';
import { forged, issueClient } from '../support/servers/clients.js';
import { type Answered, basic, bearer, startServer } from '../support/servers/server.js';

const TEST_AUTH = '/rest/v1/auth/test';
const GRANT = { grant_type: 'client_credentials' };

describe('the log of a refusal', () => {
  it('has the reason of every 400 and 401, which the client is not told', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const { clientId, secret } = await issueClient(session, 'crm');
    const server = await startServer(session);
    const token = '/oauth/v1/token';
    const header = basic(clientId, secret);
    const json = { ...header, 'content-type': 'application/json' };
    const cases: readonly (readonly [reason: string, answer: Promise<Answered>])[] = [
      ['no_credentials', server.send(TEST_AUTH)],
      ['no_credentials', server.send('/verify', { headers: { authorization: '' } })],
      ['unsupported_scheme', server.send(TEST_AUTH, { headers: { authorization: 'Basic eDp5' } })],
      ['wrong_secret', server.send(TEST_AUTH, { headers: bearer(forged(key)) })],
      ['the Authorization header is malformed', server.send(TEST_AUTH, { headers: bearer('a b') })],
      [
        'name a required scope with the parameter scope',
        server.send('/verify?scopes=x', { headers: bearer(key) }),
      ],
      ['no_credentials', server.post(token, GRANT)],
      ['no_credentials', server.post(token, { ...GRANT, client_id: clientId })],
      ['malformed_credentials', server.post(token, GRANT, { authorization: 'Basic !' })],
      ['unsupported_scheme', server.post(token, GRANT, { authorization: 'Digest x' })],
      ['unsupported_scheme', server.post(token, GRANT, bearer(key))],
      ['wrong_secret', server.post(token, GRANT, basic(clientId, forged(secret)))],
      ['no_credentials', server.post('/oauth/v1/introspect', { token: key })],
      ['malformed', server.post('/oauth/v1/introspect', { token: key }, bearer('rubbish'))],
      ['grant_type is missing', server.post(token, {}, header)],
      ['unsupported_grant_type', server.post(token, { grant_type: 'x' }, header)],
      ['invalid_scope', server.post(token, { ...GRANT, scope: 'x' }, header)],
      ['the body is not JSON', server.send(token, { method: 'POST', headers: json, body: '{' })],
      ['token is missing', server.post('/oauth/v1/revoke', {}, header)],
      ['the path is malformed', server.send('/%zz')],
    ];
    const answers = await Promise.all(
      cases.map(async ([reason, answer]) => ({ reason, answer: await answer })),
    );
    expect(await server.end()).toBe(0);
    for (const { reason, answer } of answers) {
      expect([400, 401]).toContain(answer.status);
      const id = `"request_id":"${answer.headers['x-request-id']}"`;
      const line =
        server
          .log()
          .split('\n')
          .find((each) => each.includes(id)) ?? '{}';
      expect(JSON.parse(line), reason).toMatchObject({ status: answer.status, reason });
      if (answer.status === 401) expect(answer.text).not.toContain(reason);
    }
  });
});

describe('the log of a client that is refused', () => {
  it('has the client id that it presented, and no other text in its place', async () => {
    const session = await openSession();
    const { clientId, secret } = await issueClient(session, 'crm');
    const other = clientId.replace(/.{16}$/, '0123456789ABCDEF');
    const server = await startServer(session);
    const token = '/oauth/v1/token';
    const cases: readonly (readonly [client: string | undefined, answer: Promise<Answered>])[] = [
      [other, server.post(token, GRANT, basic(other, secret))],
      [other, server.post(token, { ...GRANT, client_id: other, client_secret: 'rubbish' })],
      [clientId, server.post('/oauth/v1/introspect', { token: 'x' }, basic(clientId, forged(secret)))],
      [undefined, server.post(token, GRANT, basic(secret, clientId))],
      [undefined, server.post(token, GRANT, basic(`${clientId}7`, secret))],
      [undefined, server.post(token, GRANT, basic('Canary7Canary7', secret))],
    ];
    const answers = await Promise.all(
      cases.map(async ([client, answer]) => ({ client, answer: await answer })),
    );
    expect(await server.end()).toBe(0);
    for (const { client, answer } of answers) {
      expect(answer.status).toBe(401);
      const id = `"request_id":"${answer.headers['x-request-id']}"`;
      const lines = server.log().split('\n');
      expect(JSON.parse(lines.find((each) => each.includes(id)) ?? '{}').client).toBe(client);
      expect(answer.text).not.toContain('unknown');
    }
    for (const text of [secret.slice(21), 'Canary7']) expect(server.log()).not.toContain(text);
  });
});

describe.each(['json', 'text'])('the log as %s', (format) => {
  it('has a line with the request id, and nothing that a client sent, for every request', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const server = await startServer(session, '--dev', '--log-format', format);
    const canary = 'Canary7Canary7Canary7';
    const answers = [
      await server.send(`${TEST_AUTH}?x=${canary}`, { headers: { ...bearer(key), cookie: canary } }),
      await server.send(TEST_AUTH, { headers: { ...bearer(forged(key)), 'user-agent': canary } }),
      await server.send(TEST_AUTH, { headers: { authorization: `Basic ${canary}` } }),
      await server.send(`/verify/${canary}?scope=${canary}`, { headers: { 'x-api-key': key } }),
      await server.send(`/${canary}`, { headers: { 'x-request-id': canary } }),
      await server.send(TEST_AUTH, { headers: { host: canary } }),
      await server.send(`/%zz${canary}`),
      await server.post(`/oauth/v1/token?${canary}`, {
        client_id: canary,
        client_secret: canary,
        scope: canary,
      }),
      await server.post('/oauth/v1/token', { ...GRANT, client_id: canary, client_secret: canary }),
      await server.send('/oauth/v1/token', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `{"${canary}`,
      }),
    ];
    await server.raw(`${canary}\r\n\r\n`);
    expect(await server.end()).toBe(0);
    expect(server.log()).toContain('HPE_INVALID_METHOD');
    const lines = server
      .log()
      .split('\n')
      .filter((line) => /request_id/.test(line));
    const ids = answers.map(({ headers }) => String(headers['x-request-id']));
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) {
      const about = lines.filter((line) =>
        line.includes(format === 'json' ? `"request_id":"${id}"` : `request_id=${id} `),
      );
      expect(about, id).toHaveLength(1);
    }
    for (const secret of [canary, key.slice(21)]) expect(server.log()).not.toContain(secret);
    const requests = lines.filter((line) => /answered|refused/.test(line));
    expect(requests).toHaveLength(answers.length);
    if (format === 'json') {
      for (const line of lines) {
        expect(JSON.parse(line)).toMatchObject({
          level: expect.any(Number),
          time: expect.any(Number),
          request_id: expect.any(String),
          status: expect.any(Number),
          msg: expect.any(String),
        });
      }
    } else
      for (const line of lines) expect(line).toMatch(/^\d{4}-\S+Z (?:info|warning) (?:answered|refused) /);
  });
});
