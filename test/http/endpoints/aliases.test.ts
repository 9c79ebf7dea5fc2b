import { describe, expect, it } from 'vitest';
import { issueClient } from '../../support/servers/clients.js';
import { renameDataApi } from '../../support/servers/renamed-api.js';
import { SERVED_ENGINES, type ServedEngine } from '../../support/servers/served-engines.js';
import { basic, bearer, startServer } from '../../support/servers/server.js';

/** A server, and clients of the API `data`, which is called `records` by now. */
async function renamed(open: ServedEngine['open']) {
  const { session, gateway } = await open();
  const whole = await issueClient(session, 'whole', '--scope', 'data:*', '--scope', 'events:messages');
  const part = await issueClient(session, 'part', '--scope', 'data:users');
  const server = await startServer(gateway);
  const grant = async ({ clientId, secret }: typeof whole, scope?: string) => {
    const form = { grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) };
    const { text } = await server.post('/oauth/v1/token', form, basic(clientId, secret));
    return JSON.parse(text) as { access_token: string; scope?: string; error?: string };
  };
  const earlier = await grant(whole, 'data:users');
  await renameDataApi({ session });
  return { session, server, whole, part, grant, earlier };
}

describe.each(SERVED_ENGINES)('a server on $label, after an API was renamed', ({ open }) => {
  it('issues tokens for the scopes of today, asked for under either id or not at all', async () => {
    const { grant, whole, part, session } = await renamed(open);
    expect((await grant(whole)).scope).toBe('events:messages records:*');
    expect((await grant(part)).scope).toBe('records:users');
    for (const scope of ['data:users', 'records:users', 'data:users records:users']) {
      expect((await grant(whole, scope)).scope).toBe('records:users');
      expect((await grant(part, scope)).scope).toBe('records:users');
    }
    expect((await grant(part, 'data:*')).error).toBe('invalid_scope');
    expect((await grant(part, 'records:conversations')).error).toBe('invalid_scope');
    expect(JSON.parse(await session.ok('store', 'check', '--json'))).toMatchObject({ ok: true });
  });

  it('knows a token of before and one of today by the id of today', async () => {
    const { grant, whole, server, earlier } = await renamed(open);
    const authorization = basic(whole.clientId, whole.secret);
    for (const { access_token: token } of [earlier, await grant(whole, 'records:users')]) {
      const { text } = await server.post('/oauth/v1/introspect', { token }, authorization);
      expect(JSON.parse(text)).toMatchObject({ active: true, scope: 'records:users' });
      const status = async (scope: string) =>
        (await server.send(`/verify?scope=${scope}`, { headers: bearer(token) })).status;
      expect([await status('data:users'), await status('records:users')]).toEqual([200, 200]);
      expect([await status('data:conversations'), await status('events:messages')]).toEqual([403, 403]);
      const { headers } = await server.send('/verify', { headers: bearer(token) });
      expect(headers['x-credential-scopes']).toBe('records:users');
    }
  });
});
