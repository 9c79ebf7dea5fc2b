import { describe, expect, it } from 'vitest';
import type { Answered } from '../../support/servers/server.js';
import { sharedServer } from '../../support/servers/shared-server.js';

const shared = sharedServer();

const TOKEN = '/oauth/v1/token';

/** Types that a parameter of OAuth never has. */
const ODD = [3600, 1.5, true, false, { a: 1 }, { a: { b: [1] } }, [['x']], [1], []];

const UNKNOWN = ['expires_in', 'offline', '__proto__', 'constructor', ''];

async function send(path: string, body: string): Promise<Answered> {
  const headers = { 'content-type': 'application/json' };
  return shared().server.send(path, { method: 'POST', headers, body });
}

/** Sends what an endpoint needs, with other members before it. */
async function sent(path: string, more: object): Promise<Answered> {
  const { client, token } = shared();
  const needed = path.endsWith('token') ? { grant_type: 'client_credentials' } : { token: await token() };
  const own = { client_id: client.clientId, client_secret: client.secret, ...needed };
  return send(path, JSON.stringify(Object.fromEntries([...Object.entries(own), ...Object.entries(more)])));
}

describe.each([
  [TOKEN, ['grant_type', 'client_id', 'client_secret', 'scope', 'audience', 'resource']],
  ['/oauth/v1/introspect', ['token', 'client_id', 'client_secret', 'token_type_hint']],
  ['/oauth/v1/revoke', ['token', 'client_id', 'client_secret', 'token_type_hint']],
])('a JSON body sent to %s (RFC 6749 §3.2)', (path, known) => {
  it('may have members that nobody knows here, of any type', async () => {
    for (const value of [null, 'text', ...ODD]) {
      const answered = await sent(path, Object.fromEntries(UNKNOWN.map((name) => [name, value])));
      expect([answered.status, answered.text.includes('error')], JSON.stringify(value)).toEqual([200, false]);
    }
  });

  it('says with null that a parameter is absent', async () => {
    for (const name of known) {
      const answered = await sent(path, { [name]: null });
      const isNeeded = !['scope', 'audience', 'resource', 'token_type_hint'].includes(name);
      const isOfTheClient = name.startsWith('client_');
      expect(answered.status, name).toBe(isOfTheClient ? 401 : isNeeded ? 400 : 200);
      if (isNeeded && !isOfTheClient)
        expect(JSON.parse(answered.text).error_description).toBe(`${name} is missing`);
    }
  });

  it('is told which parameter has a type that it cannot have', async () => {
    for (const name of known) {
      const isList = ['audience', 'resource'].includes(name);
      for (const value of ODD) {
        if (isList && Array.isArray(value) && value.length === 0) continue;
        const { status, text } = await sent(path, { [name]: value });
        expect([status, JSON.parse(text)]).toEqual([
          400,
          {
            error: 'invalid_request',
            error_description: `${name} is ${isList ? 'neither a string nor a list of strings' : 'not a string'}`,
          },
        ]);
      }
    }
  });

  it('is refused when it names a member twice, known or not, null or not', async () => {
    for (const twice of ['"x":1,"x":2', '"token":null,"token":"a"', '"scope":"a","scope":null']) {
      const { status, text } = await send(path, `{"grant_type":"client_credentials",${twice}}`);
      expect([status, JSON.parse(text).error_description]).toEqual([400, 'a parameter is given twice']);
    }
  });
});

it('takes null among several resources for none', async () => {
  const lists = { resource: ['https://a.example', null], audience: [null] };
  expect((await sent(TOKEN, lists)).status).toBe(200);
});

it('obtains a token for clients that send all that they know, nulls included', async () => {
  const { client } = shared();
  const { status, text } = await send(
    TOKEN,
    JSON.stringify({
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: client.secret,
      scope: null,
      audience: null,
      expires_in: 3600,
      offline: false,
      meta: { a: 1 },
    }),
  );
  expect([status, JSON.parse(text).scope]).toEqual([200, 'data:* events:*']);
});
