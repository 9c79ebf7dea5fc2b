import { Agent, request as startRequest } from 'node:http';
import { expect, it } from 'vitest';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { faultNumber } from '../../support/faults/fault-numbers.js';
import { openSession } from '../../support/program/run.js';
import { forged, issueClient, unknownSecret } from '../../support/servers/clients.js';
import { type Answered, basic, bearer, startServer } from '../../support/servers/server.js';

const REQUESTS = faultNumber(10_000);

/** What a request without sense may be answered with. */
const EXPECTED = new Set([200, 400, 401, 403, 404, 405, 413, 421, 429, 431]);

/** The n-th of a row of numbers that look random and are the same every time (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

it(`answers ${REQUESTS} generated requests clearly, and never with an error of its own`, async () => {
  const session = await openSession();
  const key = await session.issue('ci-bot');
  const client = await issueClient(session, 'crm');
  const server = await startServer(session, '--rate-limit', '0', '--trust-proxy', '127.0.0.1');
  const secrets = [
    key,
    client.secret,
    client.clientId,
    forged(key),
    unknownSecret('tok'),
    unknownSecret('sec'),
  ];
  const oddities = [
    '',
    ' ',
    '\t',
    '%',
    '%00',
    '%ff',
    '..',
    '"',
    "'",
    '\\',
    '{}',
    '[]',
    'null',
    '1e999',
    '__proto__',
    'constructor',
    'x'.repeat(300),
    'é'.repeat(5),
    '=;,',
    '&&==',
    '+',
    '#',
    '/',
  ];
  const paths = [
    '/oauth/v1/token',
    '/oauth/token',
    '/oauth/v1/introspect',
    '/oauth/v1/revoke',
    '/rest/v1/auth/test',
    '/scan/v1/check',
    '/verify',
    '/verify/a/b',
    '/healthz',
    '/readyz',
    '/metrics',
    '/.well-known/oauth-authorization-server',
    '/',
    '/nothing',
  ];
  const names = [
    'grant_type',
    'scope',
    'client_id',
    'client_secret',
    'token',
    'audience',
    'resource',
    '__proto__',
    'x',
  ];
  const types = [
    'application/x-www-form-urlencoded',
    'application/json',
    'text/plain',
    'application/json; charset=utf-16',
    'multipart/form-data',
    '',
    ';;;',
  ];
  const methods = [
    'GET',
    'POST',
    'PUT',
    'HEAD',
    'OPTIONS',
    'DELETE',
    'PATCH',
    'TRACE',
    'PROPFIND',
    'QUERY',
    'SEARCH',
  ];
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });

  function one(n: number): Promise<Answered> {
    const below = numbers(n);
    const of = <T>(list: readonly T[]): T => list[below(list.length)] as T;
    const value = () => of([...secrets, ...oddities, 'client_credentials', 'data:users', 'data:*']);
    const pairs = times(below(6)).map(() => [of(names), value()] as const);
    const form = pairs
      .map(([name, text]) => `${name}=${below(2) === 0 ? encodeURIComponent(text) : text}`)
      .join('&');
    const json = `{${pairs.map(([name, text]) => `${JSON.stringify(name)}:${below(4) === 0 ? of(['1', '{}', '[', '"']) : JSON.stringify(text)}`).join(',')}}`;
    const authorization = of([
      undefined,
      bearer(value()),
      basic(value(), value()),
      { authorization: value() },
      bearer(key),
      basic(client.clientId, client.secret),
    ]);
    const query = below(3) === 0 ? `?${form}` : '';
    const endpoint = of(paths);
    const path = `${endpoint}${below(8) === 0 ? of(oddities) : ''}${query}`.replaceAll(/[^!-~]/g, (each) =>
      encodeURIComponent(each),
    );
    const headers: Record<string, string> = { ...authorization };
    if (below(2) === 0) headers['content-type'] = of(types);
    if (below(4) === 0) headers['x-api-key'] = value();
    if (below(20) === 0) headers['host'] = of([...oddities, 'evil.example']).trim() || 'x';
    // Failures are throttled by address: behind a single one, most requests would not be looked at.
    headers['x-forwarded-for'] = below(10) === 0 ? of(oddities).trim() || ',' : `198.51.100.${below(250)}`;
    for (const [name, text] of Object.entries(headers)) headers[name] = Buffer.from(text).toString('latin1');
    const method = below(4) === 0 ? of(methods) : /^.(?:oauth|scan)./.test(endpoint) ? 'POST' : 'GET';
    const body = of([undefined, form, json, '\0'.repeat(below(50)), 'x'.repeat(below(20_000))]);
    if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
    return new Promise((resolve, reject) => {
      const request = startRequest({ port: server.port, path, method, headers, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
      // A body that is too long is refused before all of it is sent.
      request.on('error', (fault: NodeJS.ErrnoException) =>
        fault.code === 'EPIPE' || fault.code === 'ECONNRESET'
          ? resolve({ status: 413, headers: {}, text: '' })
          : reject(fault),
      );
      request.end(body);
    });
  }

  const seen = new Map<number, number>();
  await concurrently(times(REQUESTS), async (n) => {
    const { status, text, headers } = await one(n);
    seen.set(status, (seen.get(status) ?? 0) + 1);
    expect(EXPECTED.has(status), `request ${n}: ${status} ${text}`).toBe(true);
    expect(text).not.toMatch(/\n\s+at |node_modules|SQLITE|TypeError/);
    if (status >= 400 && text !== '' && headers['content-type']?.includes('json') === true) {
      expect(JSON.parse(text)).toHaveProperty('error');
    }
  });
  agent.destroy();
  expect([...seen.keys()].length).toBeGreaterThan(6);
  // Most get as far as an endpoint.
  expect((seen.get(404) ?? 0) + (seen.get(405) ?? 0) + (seen.get(429) ?? 0)).toBeLessThan(REQUESTS / 2);
  expect((await server.send('/rest/v1/auth/test', { headers: bearer(key) })).status).toBe(200);
  expect(server.log()).not.toMatch(/"level":50/);
  expect(await server.end()).toBe(0);
});
