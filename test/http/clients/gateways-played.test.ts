import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { exampleOf, fencesOf } from '../../support/build/page.js';
import { forged, unknownSecret } from '../../support/servers/clients.js';
import { traefikStaticShape } from '../../support/servers/gateway-shapes.js';
import {
  type Outcome,
  type PlayedGateway,
  playedEnvoy,
  playedTraefik,
} from '../../support/servers/played-gateways.js';
import { bearer } from '../../support/servers/server.js';
import { sharedServer } from '../../support/servers/shared-server.js';

/** What a client pretends, in every header that a gateway or a backend may believe. */
const SPOOFED = {
  'x-credential-id': 'spoofed',
  'x-credential-name': 'spoofed',
  'x-credential-owner': 'spoofed',
  'x-credential-scopes': 'spoofed',
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-host': 'spoofed',
  'x-forwarded-method': 'SPOOFED',
  'x-forwarded-uri': '/spoofed',
  'x-forwarded-prefix': '/spoofed',
  'x-forwarded-user': 'spoofed',
  'x-forwarded': 'spoofed',
  forwarded: 'for=203.0.113.9;host=spoofed',
};

const UNDERSCORES = {
  x_credential_name: 'spoofed',
  'x-credential_name': 'spoofed',
  'x_credential-owner': 'spoofed',
};

async function ask(
  gateway: PlayedGateway,
  headers: Readonly<Record<string, string>>,
  uri = '/api/x?y=1',
): Promise<Outcome> {
  const received = gateway.receive({
    method: 'POST',
    uri,
    host: 'api.example.com',
    peer: PEERS[gateway.name] ?? '',
    headers,
  });
  if (!('question' in received)) return received;
  const { method, path, headers: asked } = received.question;
  return received.decide(await shared().server.send(path, { method, headers: asked }));
}

/** Each gateway has a client of its own, whose failures are counted. */
const PEERS: Readonly<Record<string, string>> = { Traefik: '192.0.2.1', Envoy: '192.0.2.2' };

const shared = sharedServer('--trust-proxy', '127.0.0.1');

/** A key that is good for what the gateways require, and one that is not. */
async function keys(name: string): Promise<{ readonly key: string; readonly other: string }> {
  const { session } = shared();
  const key = await session.issue(name);
  const other = ['create', `${name}-other`, '--type', 'api-key', '--scope', 'data:conversations', '-q'];
  return { key, other: (await session.ok(...other)).trimEnd() };
}

it('shows no configuration that no test knows', () => {
  const shown = ['docs/gateways.md', 'docs/gateways-traefik-envoy.md'].flatMap(fencesOf);
  expect(shown.map(({ title }) => title)).toEqual([
    'serve.sh',
    'nginx.conf',
    'Caddyfile',
    'maps.conf',
    'credctl.conf',
    'matchers',
    'traefik.yaml',
    'api.yaml',
    'envoy.yaml',
  ]);
  expect(exampleOf('docs/gateways.md', 'serve.sh')).toContain('credctl serve --trust-proxy 127.0.0.1\n');
  traefikStaticShape.parse(parse(exampleOf('docs/gateways-traefik-envoy.md', 'traefik.yaml')));
});

describe.each([playedTraefik(), playedEnvoy()])('$name, configured as documented', (gateway) => {
  it('passes on who it is in place of what the client says, and not the secret', async () => {
    const { key } = await keys(`${gateway.name}-a`);
    for (const secret of [bearer(key), { 'x-api-key': key }]) {
      const outcome = await ask(gateway, { ...SPOOFED, ...secret, accept: 'text/html' });
      expect(outcome).toMatchObject({
        passedOn: {
          accept: 'text/html',
          'x-credential-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
          'x-credential-name': `${gateway.name}-a`,
          'x-credential-owner': '',
          'x-credential-scopes': 'data:users',
          'x-forwarded-for': PEERS[gateway.name],
        },
      });
      expect(JSON.stringify(outcome)).not.toMatch(/spoofed|203\.0\.113\.9|cctl_key_/i);
    }
    const underscored = await ask(gateway, { ...UNDERSCORES, ...bearer(key) });
    expect(JSON.stringify(underscored)).not.toContain('spoofed');
  });

  it('refuses what credctl refuses, in its words', async () => {
    const { key, other } = await keys(`${gateway.name}-b`);
    const challenge = (error: string) => ({ 'www-authenticate': `Bearer realm="credctl"${error}` });
    expect(await ask(gateway, bearer(forged(key)))).toMatchObject({
      status: 401,
      headers: challenge(', error="invalid_token"'),
    });
    expect(await ask(gateway, SPOOFED)).toMatchObject({ status: 401, headers: challenge('') });
    expect(await ask(gateway, bearer(other))).toMatchObject({
      status: 403,
      headers: challenge(', error="insufficient_scope", scope="data:users"'),
    });
    await shared().session.ok('deactivate', `${gateway.name}-b`);
    expect(await ask(gateway, bearer(key))).toMatchObject({ status: 401 });
  });

  it('requires the scope whatever the client puts into its URL', async () => {
    const { key, other } = await keys(`${gateway.name}-c`);
    for (const uri of [
      '/api/?scope=data:conversations',
      '/api/?scope=',
      '/api/&scope=data:conversations',
      '/api/#?scope=data:conversations',
      '/api/%00%23%3F',
      '/api/..%2f..%2fhealthz?x',
    ]) {
      const outcome = await ask(gateway, bearer(other), uri);
      expect(
        'status' in outcome && [400, 403].includes(outcome.status),
        `${uri}: ${JSON.stringify(outcome)}`,
      ).toBe(true);
    }
    expect(await ask(gateway, bearer(key), '/api/a%20b?q=%26scope%3Ddata:conversations')).toHaveProperty(
      'passedOn',
    );
  });

  it('has failures counted for the client that it names, not for what the client says', async () => {
    const statuses: unknown[] = [];
    for (let n = 0; n < 62; n += 1) {
      const spoofed = { ...SPOOFED, 'x-forwarded-for': `198.51.100.${n}` };
      const outcome = await ask(gateway, { ...spoofed, ...bearer(unknownSecret('key', n)) });
      statuses.push('status' in outcome ? outcome.status : outcome);
    }
    // The tests before have had a few failures as well.
    expect(new Set(statuses.slice(0, 50))).toEqual(new Set([401]));
    expect(statuses.slice(-2)).toEqual([429, 429]);
    expect(shared().server.log()).toContain(`"address":"${PEERS[gateway.name]}"`);
    expect(shared().server.log()).not.toContain('198.51.100.');
  });
});
