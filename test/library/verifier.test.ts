import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SecretVerifier, VerifiedCredential } from '../../src/index.js';
import { forExpress, forFastify, forFetch, library } from '../support/build/library.js';
import { openSession, type Session } from '../support/program/run.js';
import { forged, issueClient, unknownSecret } from '../support/servers/clients.js';
import { listenWithFetch } from '../support/servers/fetch-handler.js';

interface Scene {
  readonly session: Session;
  readonly key: string;
  readonly verifier: SecretVerifier;
}

async function openScene(): Promise<Scene> {
  const session = await openSession();
  await session.ok('owner', 'create', 'crm', '--kind', 'service');
  const key = await session.issue('ci-bot', '--owner', 'crm', '--expires-at', '2099-01-01T00:00:00Z');
  const verifier = library.createVerifier(storeOf(session));
  onTestFinished(() => verifier.close());
  return { session, key, verifier };
}

function storeOf({ workspace }: Session): string {
  return join(String(workspace.env['XDG_DATA_HOME']), 'credctl', 'credctl.db');
}

describe('a verifier', () => {
  it('tells whose secret it is', async () => {
    const { session, key, verifier } = await openScene();
    expect(await verifier.verify(key)).toEqual({
      valid: true,
      credential: {
        id: expect.any(String),
        name: 'ci-bot',
        type: 'api-key',
        clientId: null,
        owner: 'crm',
        scopes: ['data:users'],
        expiresAt: new Date('2099-01-01T00:00:00Z'),
      },
    });
    const { clientId, secret } = await issueClient(session, 'sync');
    expect(await verifier.verify(secret, { clientId })).toMatchObject({
      valid: true,
      credential: { clientId },
    });
    expect(await verifier.verify(secret, { clientId: 'cctl_other' })).toEqual({
      valid: false,
      reason: 'unknown',
    });
  });

  it.each([
    ['rubbish', () => 'rubbish', 'malformed'],
    ['an unknown secret', () => unknownSecret('key'), 'unknown'],
    ['a wrong secret', (key: string) => forged(key), 'wrong_secret'],
  ])('refuses %s', async (_, spoil, reason) => {
    const { key, verifier } = await openScene();
    expect(await verifier.verify(spoil(key))).toEqual({ valid: false, reason });
  });

  it('minds the scopes that are asked for', async () => {
    const { key, verifier } = await openScene();
    expect(await verifier.verify(key, { scopes: ['data:users'] })).toMatchObject({ valid: true });
    expect(await verifier.verify(key, { scopes: ['data:users', 'data:interactions'] })).toEqual({
      valid: false,
      reason: 'insufficient_scope',
      name: 'ci-bot',
    });
    await expect(verifier.verify(key, { scopes: ['data:nothing'] })).rejects.toMatchObject({ code: 'usage' });
  });

  it('honours what another process changes with the very next call', async () => {
    const { session, key, verifier } = await openScene();
    const reason = async (): Promise<string | null> => {
      const answer = await verifier.verify(key);
      return answer.valid ? null : answer.reason;
    };
    expect(await reason()).toBe(null);
    await session.ok('deactivate', 'ci-bot');
    expect(await reason()).toBe('inactive');
    await session.ok('activate', 'ci-bot');
    expect(await reason()).toBe(null);
    await session.ok('owner', 'deactivate', 'crm');
    expect(await reason()).toBe('owner_inactive');
    await session.ok('owner', 'activate', 'crm');
    await session.ok('rotate', 'ci-bot', '--now', '-q');
    expect(await reason()).toBe('version_retired');
    await session.ok('delete', 'ci-bot', '--yes');
    expect(await reason()).toBe('unknown');
  });

  it('throttles whoever tries wrong secrets', async () => {
    const { key, verifier } = await openScene();
    const answers = [];
    for (let count = 0; count < 12; count += 1)
      answers.push(await verifier.verify(forged(key), { address: '::1' }));
    expect(answers.at(-1)).toEqual({ valid: false, reason: 'throttled', retryAfterMs: expect.any(Number) });
  });

  it('has written the last use once it is closed', async () => {
    const { session, key, verifier } = await openScene();
    await verifier.verify(key);
    await verifier.close();
    expect(JSON.parse(await session.ok('show', 'ci-bot', '--json')).credential.last_used_at).not.toBe(null);
  });

  it('is not made for a store that does not exist', async () => {
    const { workspace } = await openSession();
    expect(() => library.createVerifier(join(workspace.root, 'none.db'))).toThrow(
      expect.objectContaining({ code: 'store_unavailable' }),
    );
  });
});

type Listen = (scene: Scene) => Promise<string>;

/** A route that takes any good secret, and one that takes those with a certain scope. */
const SERVERS: readonly (readonly [name: string, listen: Listen])[] = [
  ['Fastify', listenWithFastify],
  ['Express and Connect', listenWithMiddleware],
  ['handlers of the Fetch standard', listenWithHandler],
];

async function listenWithFastify({ verifier }: Scene): Promise<string> {
  const { credentialOf, requireCredential } = forFastify;
  const app = fastify();
  const answer = async (request: { raw: IncomingMessage }) => ({ name: credentialOf(request).name });
  app.get('/any', { onRequest: requireCredential(verifier) }, answer);
  app.get('/users', { onRequest: requireCredential(verifier, { scopes: ['data:interactions'] }) }, answer);
  onTestFinished(() => app.close());
  return app.listen({ port: 0 });
}

async function listenWithMiddleware({ verifier }: Scene): Promise<string> {
  const any = forExpress.requireCredential(verifier);
  const users = forExpress.requireCredential(verifier, { scopes: ['data:interactions'] });
  const server = createServer(
    (request: IncomingMessage & { credential?: VerifiedCredential }, response: ServerResponse) => {
      (request.url === '/users' ? users : any)(request, response, (fault) => {
        response.statusCode = fault === undefined ? 200 : 500;
        response.end(JSON.stringify({ name: request.credential?.name }));
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function listenWithHandler({ verifier }: Scene): Promise<string> {
  const any = forFetch.requireCredential(verifier);
  const users = forFetch.requireCredential(verifier, { scopes: ['data:interactions'] });
  return listenWithFetch(async (request, address) => {
    const guard = new URL(request.url).pathname === '/users' ? users : any;
    const { credential, response } = await guard(request, address);
    return response ?? Response.json({ name: credential.name });
  });
}

describe.each(SERVERS)('the guard for %s', (_, listen) => {
  it('lets good secrets pass, in either header, and says whose they are', async () => {
    const scene = await openScene();
    const url = await listen(scene);
    for (const headers of [{ authorization: `Bearer ${scene.key}` }, { 'x-api-key': scene.key }]) {
      const response = await fetch(`${url}/any`, { headers });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ name: 'ci-bot' });
    }
  });

  it('answers all that is wrong with a secret alike (RFC 6750 §3.1)', async () => {
    const scene = await openScene();
    const url = await listen(scene);
    const answers = [];
    for (const secret of [forged(scene.key), unknownSecret('key'), 'rubbish']) {
      const response = await fetch(`${url}/any`, { headers: { authorization: `Bearer ${secret}` } });
      answers.push([response.status, response.headers.get('www-authenticate'), await response.text()]);
    }
    expect(answers[0]).toEqual([
      401,
      'Bearer realm="credctl", error="invalid_token"',
      '{"error":"invalid_token"}',
    ]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it.each([
    ['no secret is 401 without an error', {}, 401, 'Bearer realm="credctl"'],
    [
      'two secrets are 400',
      { authorization: 'Bearer a', 'x-api-key': 'b' },
      400,
      expect.stringContaining('invalid_request'),
    ],
  ])('%s', async (_title, headers, status, challenge) => {
    const url = await listen(await openScene());
    const response = await fetch(`${url}/any`, { headers: headers as Record<string, string> });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([status, challenge]);
  });

  it('answers a good secret that lacks the scope with 403', async () => {
    const scene = await openScene();
    const response = await fetch(`${await listen(scene)}/users`, { headers: { 'x-api-key': scene.key } });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ error: 'insufficient_scope', scope: 'data:interactions' });
  });
});
