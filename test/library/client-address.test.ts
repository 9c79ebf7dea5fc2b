import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SecretVerifier } from '../../src/index.js';
import { forExpress, forFastify, forFetch, library } from '../support/build/library.js';
import { openSession } from '../support/program/run.js';
import { unknownSecret } from '../support/servers/clients.js';
import { listenWithFetch } from '../support/servers/fetch-handler.js';

type Asked = (secret: string, from: string) => Promise<number>;

/** A server with a guard, which trusts what comes over loopback and from 10.0.0.0/8. */
type Listen = (verifier: SecretVerifier) => Promise<string>;

async function listenWithFastify(verifier: SecretVerifier): Promise<string> {
  const app = fastify({ trustProxy: ['127.0.0.1', '10.0.0.0/8'] });
  app.get('/', { onRequest: forFastify.requireCredential(verifier) }, async () => 'good');
  onTestFinished(() => app.close());
  return app.listen({ port: 0, host: '127.0.0.1' });
}

/** What Express adds to a request: the application with its settings. */
async function listenWithExpress(verifier: SecretVerifier): Promise<string> {
  const guard = forExpress.requireCredential(verifier);
  const trusts = (address: string): boolean => address === '127.0.0.1' || address.startsWith('10.');
  const app = { get: (setting: string) => (setting === 'trust proxy fn' ? trusts : undefined) };
  const server = createServer((request: IncomingMessage & { app?: typeof app }, response) => {
    request.app = app;
    guard(request, response, () => response.end('good'));
  });
  return listening(server);
}

/** A middleware before the guard has found out the address. */
async function listenWithConnect(verifier: SecretVerifier): Promise<string> {
  const guard = forExpress.requireCredential(verifier);
  const server = createServer((request: IncomingMessage & { ip?: string }, response) => {
    request.ip = String(request.headers['x-forwarded-for']).split(',').slice(-1)[0]?.trim() ?? '';
    guard(request, response, () => response.end('good'));
  });
  return listening(server);
}

function listenWithHandler(verifier: SecretVerifier): Promise<string> {
  const guard = forFetch.requireCredential(verifier, { trustProxy: ['127.0.0.1', '10.0.0.0/8'] });
  return listenWithFetch(
    async (request, address) => (await guard(request, address)).response ?? new Response('good'),
  );
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function open(listen: Listen): Promise<{ readonly key: string; readonly ask: Asked }> {
  const session = await openSession();
  const key = await session.issue('ci-bot');
  const path = join(String(session.workspace.env['XDG_DATA_HOME']), 'credctl', 'credctl.db');
  const verifier = library.createVerifier(path);
  onTestFinished(() => verifier.close());
  const url = await listen(verifier);
  const ask: Asked = async (secret, from) =>
    (await fetch(url, { headers: { 'x-api-key': secret, 'x-forwarded-for': from } })).status;
  return { key, ask };
}

describe.each([
  ['Fastify', listenWithFastify],
  ['Express', listenWithExpress],
  ['handlers of the Fetch standard', listenWithHandler],
  ['Connect, behind a middleware that sets the address,', listenWithConnect],
])('the guard for %s', (_, listen) => {
  it('counts a client that comes from a new port each time as one', async () => {
    const { key, ask } = await open(listen);
    const statuses = [];
    for (let n = 0; n < 62; n += 1)
      statuses.push(await ask(unknownSecret('key', n), `203.0.113.50:${40_000 + n}`));
    expect(statuses.indexOf(429)).toBe(60);
    expect(await ask(key, '203.0.113.50')).toBe(429);
    expect(await ask(key, '203.0.113.99:41000')).toBe(200);
  });
});

describe.each([
  ['Fastify', listenWithFastify],
  ['Express', listenWithExpress],
  ['handlers of the Fetch standard', listenWithHandler],
])('the guard for %s', (_, listen) => {
  it('looks beyond trusted proxies with ports, and never beyond what names no address', async () => {
    const { key, ask } = await open(listen);
    for (let n = 0; n < 61; n += 1)
      await ask(unknownSecret('key', n), `203.0.113.50:${n}, 10.0.0.7:${40_000 + n}`);
    expect(await ask(key, '203.0.113.50')).toBe(429);
    for (let n = 0; n < 61; n += 1)
      await ask(unknownSecret('key', n), `198.51.100.${n}, unknown, 10.0.0.9:1`);
    expect(await ask(key, '10.0.0.9')).toBe(429);
    expect(await ask(key, '198.51.100.7, 10.0.0.7')).toBe(200);
  });
});
