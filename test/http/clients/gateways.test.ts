import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { forged } from '../../support/servers/clients.js';
import { GATEWAYS, get, isThere, startBackend, startGateway } from '../../support/servers/gateways.js';
import { bearer, startServer } from '../../support/servers/server.js';

/** What backends read of a request's way to them, besides the usual three. */
const FORWARDED = [
  ...['port', 'prefix', 'server', 'ssl', 'scheme', 'path', 'user', 'email', 'groups', 'by'].map(
    (name) => `x-forwarded-${name}`,
  ),
  'x-forwarded',
  'x-real-ip',
  'x_forwarded_for',
  'x-forwarded_proto',
  'x_real-ip',
];

/** A spoofed client address, from a range for documentation (RFC 5737). */
const SPOOFED = '203.0.113.9';

describe.each(GATEWAYS)('$name, configured as documented', (gateway) => {
  const isInstalled = isThere(gateway);

  it(`lets through what credctl lets through${isInstalled ? '' : ` (not run: there is no ${gateway.name} here)`}`, {
    skip: !isInstalled,
  }, async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'ops', '--kind', 'service');
    const key = await session.issue('ci-bot', '--owner', 'ops');
    const other = (
      await session.ok('create', 'other', '--type', 'api-key', '--scope', 'data:conversations', '-q')
    ).trimEnd();
    const server = await startServer(session, '--trust-proxy', '127.0.0.1');
    const backend = await startBackend();
    const port = await startGateway(session, gateway, { backend: backend.port, server: server.port });
    const spoofed = {
      'x-credential-name': 'root',
      'x-credential-owner': 'root',
      x_credential_name: 'root',
      'x-credential_name': 'root',
      'x_credential-owner': 'root',
      'x.credential.name': 'root',
      connection:
        'X-Credential-Id, X-Credential-Name, X-Credential-Owner, X-Credential-Scopes, X-Forwarded-For',
      'x-forwarded-for': SPOOFED,
      'x-forwarded-host': SPOOFED,
      'x-forwarded-proto': SPOOFED,
      'x-forwarded-method': SPOOFED,
      'x-forwarded-uri': SPOOFED,
      ...Object.fromEntries(FORWARDED.map((name) => [name, SPOOFED])),
      forwarded: `for=${SPOOFED}`,
    };

    const good = await get(port, '/api/x?y=1', { ...bearer(key), ...spoofed }, 'a body');
    expect([good.status, good.text]).toEqual([200, 'the backend']);
    expect(backend.seen.at(-1)).toMatchObject({
      'x-credential-name': 'ci-bot',
      'x-credential-owner': 'ops',
      'x-credential-scopes': 'data:users',
      'x-credential-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(backend.seen.at(-1)?.authorization).toBeUndefined();
    expect(JSON.stringify(backend.seen.at(-1))).not.toMatch(/root|203\.0\.113\.9/);
    expect(backend.seen.at(-1)).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
    });
    expect((await get(port, '/api/', { 'x-api-key': key })).status).toBe(200);

    const reached = backend.seen.length;
    const wrong = await get(port, '/api/', { ...bearer(forged(key)), ...spoofed });
    expect(wrong.status).toBe(401);
    expect(wrong.headers['www-authenticate']).toBe('Bearer realm="credctl", error="invalid_token"');
    expect((await get(port, '/api/')).status).toBe(401);
    expect((await get(port, '/api/', bearer(other))).status).toBe(403);
    await session.ok('deactivate', 'ci-bot');
    expect((await get(port, '/api/', bearer(key))).status).toBe(401);
    expect(backend.seen).toHaveLength(reached);

    await session.ok('activate', 'ci-bot');
    await session.ok('edit', 'ci-bot', '--no-owner');
    expect((await get(port, '/api/', { ...bearer(key), ...spoofed })).status).toBe(200);
    expect(backend.seen.at(-1)?.['x-credential-owner'] ?? '').toBe('');
    expect(server.log()).toContain('"address":"127.0.0.1"');
    expect(server.log()).not.toContain(SPOOFED);
  });
});
