import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { forged } from '../../support/servers/clients.js';
import { ask, GATEWAYS, isThere, startBackend, startGateway } from '../../support/servers/gateways.js';
import { bearer, startServer } from '../../support/servers/server.js';

describe.each(GATEWAYS)('$name, with what browsers and two secrets add', (gateway) => {
  const isInstalled = isThere(gateway);

  it(`lets preflights by, and takes the API key beside a token${isInstalled ? '' : ` (not run: there is no ${gateway.name} here)`}`, {
    skip: !isInstalled,
  }, async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const server = await startServer(session, '--trust-proxy', '127.0.0.1');
    const backend = await startBackend();
    const ports = { backend: backend.port, server: server.port };
    const port = await startGateway(session, gateway, ports, gateway.withBrowsers);
    const preflight = { origin: 'https://app.example.com', 'access-control-request-method': 'PUT' };
    const spoofed = { 'x-credential-name': 'root', ...bearer('another'), 'x-api-key': 'secret' };

    expect((await ask(port, 'OPTIONS', preflight)).text).toBe('the backend');
    expect((await ask(port, 'OPTIONS', { ...preflight, ...spoofed })).status).toBe(200);
    expect(backend.seen).toHaveLength(2);
    for (const seen of backend.seen) {
      expect(seen['access-control-request-method']).toBe('PUT');
      expect(seen['x-credential-name'] ?? '').toBe('');
      expect([seen.authorization, seen['x-api-key']]).toEqual([undefined, undefined]);
    }
    for (const [method, headers] of [
      ['OPTIONS', { origin: 'https://app.example.com' }],
      ['GET', preflight],
      ['POST', preflight],
    ] as const) {
      expect((await ask(port, method, headers)).status, `${method} without a secret`).toBe(401);
    }
    expect(backend.seen).toHaveLength(2);

    const both = { ...bearer('eyJhbGciOiJIUzI1NiJ9.e30.another'), 'x-api-key': key };
    expect((await ask(port, 'GET', both)).status).toBe(200);
    expect(backend.seen.at(-1)).toMatchObject({ 'x-credential-name': 'ci-bot' });
    expect((await ask(port, 'GET', bearer(key))).status).toBe(200);
    expect((await ask(port, 'GET', { ...both, 'x-api-key': forged(key) })).status).toBe(401);
    const plain = await startGateway(session, gateway, ports);
    expect((await ask(plain, 'OPTIONS', preflight)).status).toBe(401);
  });
});
