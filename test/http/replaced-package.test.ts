import { renameSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { copiedProgram } from '../support/build/copied.js';
import { POSTGRES_18 } from '../support/postgres/stores.js';
import { openTeamSession } from '../support/postgres/verifier-login.js';
import { openSession, type Session } from '../support/program/run.js';
import { forged, issueClient } from '../support/servers/clients.js';
import { basic, bearer, type Server, startServerOf } from '../support/servers/server.js';

/** Sessions in which secrets are hashed with bcrypt, as they are by default: on threads. */
const ENGINES: readonly (readonly [string, () => Promise<readonly [admin: Session, server: Session]>])[] = [
  [
    'SQLite',
    async () => {
      const session = await openSession({ config: null });
      return [session, session];
    },
  ],
  [
    'PostgreSQL',
    async () => {
      const session = await openTeamSession(POSTGRES_18);
      await session.ok('store', 'set', '--hash', 'bcrypt');
      return [session, session.gateway];
    },
  ],
];

/** What a request without the right secret is answered, which leaves nothing to find out. */
const REFUSED = [401, 'invalid_client'];

describe.each(ENGINES)(
  'a server on %s whose package is replaced before its first request',
  (_engine, open) => {
    it('answers every request as before', async () => {
      const [admin, gateway] = await open();
      const client = await issueClient(admin, 'crm', '--scope', 'data:users');
      const introspector = await admin.issue('introspector', '--scope', 'credctl:introspect');
      const key = await admin.issue('ci-bot');
      const { program, dist } = copiedProgram();
      const server = await startServerOf(program, gateway);
      renameSync(dist, `${dist}.away`);

      const token = await tokenOf(server, client.clientId, client.secret);
      expect(await nameOf(server, token)).toBe('crm');
      expect(await nameOf(server, key)).toBe('ci-bot');
      const introspected = await server.post('/oauth/v1/introspect', { token }, bearer(introspector));
      expect([introspected.status, JSON.parse(introspected.text).active]).toEqual([200, true]);
      expect(await refusal(server, client.clientId, forged(client.secret))).toEqual(REFUSED);
      expect((await server.send('/rest/v1/auth/test', { headers: bearer(forged(key)) })).status).toBe(401);
      expect(
        (await server.post('/oauth/v1/revoke', { token }, basic(client.clientId, client.secret))).status,
      ).toBe(200);
      expect((await server.send('/rest/v1/auth/test', { headers: bearer(token) })).status).toBe(401);
      expect((await server.send('/readyz')).status).toBe(200);
      expect(await server.end()).toBe(0);
      expect(JSON.parse(await admin.ok('show', 'ci-bot', '--json')).credential.last_used_at).not.toBeNull();
    });
  },
);

async function tokenOf(server: Server, clientId: string, secret: string): Promise<string> {
  const { status, text } = await requestToken(server, clientId, secret);
  expect(status, text).toBe(200);
  return JSON.parse(text).access_token;
}

async function refusal(server: Server, clientId: string, secret: string): Promise<readonly unknown[]> {
  const { status, text } = await requestToken(server, clientId, secret);
  return [status, JSON.parse(text).error];
}

function requestToken(server: Server, clientId: string, secret: string) {
  return server.post('/oauth/v1/token', {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: secret,
  });
}

async function nameOf(server: Server, secret: string): Promise<unknown> {
  const { status, text } = await server.send('/rest/v1/auth/test', { headers: bearer(secret) });
  expect(status, text).toBe(200);
  return JSON.parse(text).name;
}
