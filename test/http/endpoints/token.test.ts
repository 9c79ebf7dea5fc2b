import { describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../support/program/run.js';
import { forged, issueClient, type TestClient, unknownSecret } from '../../support/servers/clients.js';
import { type Answered, basic, type Server, startServer } from '../../support/servers/server.js';

const PATH = '/oauth/v1/token';
const GRANT = { grant_type: 'client_credentials' };

async function open(): Promise<{ session: Session; server: Server; client: TestClient }> {
  const session = await openSession();
  const client = await issueClient(session, 'crm');
  return { session, client, server: await startServer(session) };
}

function form({ clientId, secret }: TestClient): Record<string, string> {
  return { client_id: clientId, client_secret: secret };
}

function expectError(answered: Answered, status: number, body: Record<string, string>): void {
  expect({ status: answered.status, body: JSON.parse(answered.text) }).toEqual({ status, body });
  expect(answered.headers).toMatchObject({
    'content-type': expect.stringContaining('application/json'),
    'cache-control': 'no-store',
    pragma: 'no-cache',
  });
}

describe('the token endpoint', () => {
  it.each([PATH, '/oauth/token'])('grants a token at %s (RFC 6749 §5.1)', async (path) => {
    const { server, client } = await open();
    const answered = await server.post(path, GRANT, basic(client.clientId, client.secret));
    expect(answered.status).toBe(200);
    expect(answered.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(JSON.parse(answered.text)).toEqual({
      access_token: expect.stringMatching(/^cctl_tok_[0-9A-Za-z]{61}$/),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'data:*',
    });
  });

  it('takes credentials from the body, form or JSON, and from the header with odd spellings', async () => {
    const { server, client } = await open();
    const json = (body: unknown) =>
      server.send(PATH, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(body),
      });
    const { authorization = '' } = basic(client.clientId.replaceAll('_', '%5F'), client.secret);
    const good = await Promise.all([
      server.post(PATH, { ...GRANT, ...form(client) }),
      json({
        ...GRANT,
        ...form(client),
        audience: 'x',
        resource: ['https://a.example', 'https://b.example'],
      }),
      server.post(PATH, GRANT, { authorization: authorization.replace('Basic', 'bAsIc') }),
      server.post(PATH, { ...GRANT, client_id: client.clientId }, basic(client.clientId, client.secret)),
      server.post(PATH, { ...GRANT, scope: '', audience: 'x' }, basic(client.clientId, client.secret)),
      server.send(PATH, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...basic(client.clientId, client.secret),
        },
        body: 'grant_type=client_credentials&resource=a&resource=b&audience=c&audience=d',
      }),
    ]);
    expect(good.map(({ status, text }) => [status, status === 200 ? '' : text])).toEqual(
      good.map(() => [200, '']),
    );
  });

  it('narrows the scope, and gives a token the shortest lifetime of its APIs', async () => {
    const { session, server } = await open();
    const client = await issueClient(session, 'both', '--scope', 'data:*', '--scope', 'events:*');
    const token = async (scope: string) =>
      JSON.parse((await server.post(PATH, { ...GRANT, ...form(client), scope })).text);
    expect(await token('data:users')).toMatchObject({ scope: 'data:users', expires_in: 3600 });
    expect(await token('events:messages data:users')).toMatchObject({
      scope: 'data:users events:messages',
      expires_in: 60,
    });
  });
});

describe('an error of RFC 6749 §5.2', () => {
  it('is invalid_client for whatever is wrong with the client, in the same bytes', async () => {
    const { session, server, client } = await open();
    const key = await session.issue('some-key');
    const inactive = await issueClient(session, 'inactive');
    await session.ok('deactivate', 'inactive');
    const expired = await issueClient(session, 'short', '--expires-in', '1s');
    const rotated = await issueClient(session, 'rotated');
    await session.ok('rotate', 'rotated', '--now');
    const deleted = await issueClient(session, 'deleted');
    await session.ok('delete', 'deleted', '--yes');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const nobody = 'cctl_id_0123456789ABCDEF';
    const answers = [
      await server.post(PATH, { ...GRANT, ...form({ ...client, secret: forged(client.secret) }) }),
      await server.post(PATH, { ...GRANT, ...form({ ...client, secret: 'wrong' }) }),
      await server.post(PATH, { ...GRANT, ...form({ ...client, secret: unknownSecret('sec') }) }),
      await server.post(PATH, { ...GRANT, ...form({ ...client, secret: key }) }),
      await server.post(PATH, { ...GRANT, ...form({ clientId: nobody, secret: client.secret }) }),
      await server.post(PATH, { ...GRANT, ...form({ clientId: 'crm', secret: client.secret }) }),
      await server.post(PATH, { ...GRANT, ...form({ clientId: nobody, secret: 'wrong' }) }),
      await server.post(PATH, { ...GRANT, ...form(inactive) }),
      await server.post(PATH, { ...GRANT, ...form(expired) }),
      await server.post(PATH, { ...GRANT, ...form(rotated) }),
      await server.post(PATH, { ...GRANT, ...form(deleted) }),
      await server.post(PATH, GRANT, basic(client.clientId, 'wrong')),
      await server.post(PATH, GRANT, { authorization: 'Basic !!!' }),
      await server.post(PATH, GRANT, { authorization: 'Basic bm9jb2xvbg==' }),
      await server.post(PATH, GRANT, { authorization: `Bearer ${key}` }),
      await server.post(PATH, GRANT, { authorization: 'Basic' }),
      await server.post(PATH, GRANT),
      await server.post(PATH, { ...GRANT, client_id: client.clientId }),
      await server.post(PATH, { ...GRANT, client_secret: client.secret }),
    ];
    for (const answered of answers) expectError(answered, 401, { error: 'invalid_client' });
    const shape = ({ status, headers, text }: Answered) => {
      const { date: _, 'x-request-id': __, 'www-authenticate': ___, ...rest } = headers;
      return JSON.stringify({ status, headers: rest, text });
    };
    expect(new Set(answers.map(shape)).size).toBe(1);
    // RFC 6749 §5.2: the challenge is of the scheme that was used, and of none where the body was.
    expect(answers.map(({ headers }) => headers['www-authenticate'])).toEqual([
      ...Array(11).fill(undefined),
      ...Array(3).fill('Basic realm="credctl"'),
      'Bearer realm="credctl"',
      'Basic realm="credctl"',
      ...Array(3).fill(undefined),
    ]);
  });

  it('is invalid_request for a request that cannot be meant', async () => {
    const { server, client } = await open();
    const header = basic(client.clientId, client.secret);
    const send = (body: string, type = 'application/x-www-form-urlencoded', headers = header) =>
      server.send(PATH, { method: 'POST', headers: { 'content-type': type, ...headers }, body });
    const cases: [string, Answered][] = [
      ['grant_type is missing', await send('scope=data:users')],
      ['grant_type is missing', await send('grant_type=')],
      [
        'a parameter is given twice',
        await send('grant_type=client_credentials&grant_type=client_credentials'),
      ],
      ['a parameter is given twice', await send('grant_type=client_credentials&scope=a&scope=b')],
      [
        'a parameter is given twice',
        await send('{"grant_type":"x","grant_type":"client_credentials"}', 'application/json'),
      ],
      [
        'a parameter is given twice',
        await send('{"grant_type":"x","grant\\u005ftype":"client_credentials"}', 'application/json'),
      ],
      ['the body is not JSON', await send('{"grant_type":', 'application/json')],
      ['the body is not JSON', await send('grant_type=client_credentials', 'application/json')],
      ['the body is not a JSON object', await send('["client_credentials"]', 'application/json')],
      ['the body is not a JSON object', await send('null', 'application/json')],
      ['grant_type is not a string', await send('{"grant_type":["client_credentials"]}', 'application/json')],
      [
        'scope is not a string',
        await send('{"grant_type":"client_credentials","scope":7}', 'application/json'),
      ],
      [
        'use only one method of client authentication',
        await send(`grant_type=client_credentials&client_secret=${client.secret}`),
      ],
      [
        'use only one method of client authentication',
        await send('grant_type=client_credentials&client_id=cctl_id_0123456789ABCDEF'),
      ],
      [
        'parameters belong in the body, not in the URL',
        await server.post(`${PATH}?client_secret=${client.secret}`, { ...GRANT, client_id: client.clientId }),
      ],
      [
        'the body is compressed',
        await server.send(PATH, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' },
          body: 'grant_type=client_credentials',
        }),
      ],
      [
        'the body must be application/x-www-form-urlencoded or application/json',
        await send('grant_type=client_credentials', 'text/plain'),
      ],
      [
        'the body must be application/x-www-form-urlencoded or application/json',
        await send('x', 'multipart/form-data; boundary=x'),
      ],
    ];
    for (const [description, answered] of cases) {
      expectError(answered, 400, { error: 'invalid_request', error_description: description });
    }
    expect(server.log()).not.toContain(client.secret);
  });

  it('is unsupported_grant_type for any other grant, and invalid_scope for a scope that is not held', async () => {
    const { server, client } = await open();
    for (const grant_type of ['password', 'authorization_code', 'refresh_token', 'Client_Credentials']) {
      expectError(await server.post(PATH, { grant_type, ...form(client) }), 400, {
        error: 'unsupported_grant_type',
      });
    }
    for (const scope of ['events:messages', 'nothing', 'data:nothing', 'data:*,events:*']) {
      expectError(await server.post(PATH, { ...GRANT, ...form(client), scope }), 400, {
        error: 'invalid_scope',
      });
    }
  });
});
