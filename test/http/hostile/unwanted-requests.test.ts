import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { startServer } from '../../support/servers/server.js';
import { sharedServer } from '../../support/servers/shared-server.js';

/** One that no request does anything to. */
const shared = sharedServer();

const TEST_AUTH = '/rest/v1/auth/test';
const PATHS = [
  '/oauth/v1/token',
  '/oauth/v1/introspect',
  TEST_AUTH,
  '/scan/v1/check',
  '/.well-known/oauth-authorization-server',
];

/** The status line's number of raw answers, in their order. */
function statuses(answer: string): readonly string[] {
  return [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status = '']) => status);
}

describe('a request by another name', () => {
  it('is misdirected (421), except where gateways and probes ask', async () => {
    const server = await startServer(
      await openSession(),
      '--allowed-host',
      'auth.internal',
      '--public-url',
      'https://auth.example.com:8443',
    );
    const status = async (path: string, host: string) =>
      (await server.send(path, { headers: { host } })).status;
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.nip.io',
      'auth.internal.evil.example',
      '0.0.0.0',
      'localhost:80:80',
    ]) {
      for (const path of PATHS) expect(await status(path, host), `${path} at ${host}`).toBe(421);
      for (const path of ['/healthz', '/readyz', '/metrics']) expect(await status(path, host)).toBe(200);
      for (const path of ['/verify', '/verify/x']) expect(await status(path, host)).toBe(401);
    }
    for (const host of [
      'localhost',
      'LOCALHOST:1',
      `127.0.0.1:${server.port}`,
      '[::1]:8080',
      'auth.internal',
      'auth.internal.:8080',
      'auth.example.com',
    ]) {
      expect(await status('/.well-known/oauth-authorization-server', host), host).toBe(200);
    }
  });

  it('is misdirected without any name, which HTTP/1.0 allows', async () => {
    const { server } = shared();
    const get = (host: string) => server.raw(`GET ${TEST_AUTH} HTTP/1.0\r\n${host}\r\n`);
    expect(statuses(await get(''))).toEqual(['421']);
    expect(statuses(await get('Host:\r\n'))).toEqual(['421']);
    expect(statuses(await get('Host: localhost\r\n'))).toEqual(['401']);
  });

  it('goes by the name in its target, where that is a whole URL (RFC 9112 §3.2.2)', async () => {
    const { server } = shared();
    const get = async (target: string) =>
      statuses(await server.raw(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`));
    expect(await get(`http://localhost${TEST_AUTH}`)).toEqual(['401']);
    expect(await get(`HTTP://127.0.0.1:1${TEST_AUTH}`)).toEqual(['401']);
    expect(await get(`http://evil.example${TEST_AUTH}`)).toEqual(['421']);
    expect(await get(`http://localhost@evil.example${TEST_AUTH}`)).toEqual(['421']);
    expect(await get('http://evil.example/healthz')).toEqual(['200']);
    expect(await get('*')).toEqual(['404']);
  });

  it('gets no permission to be read by a web page', async () => {
    const { server } = shared();
    for (const path of [...PATHS, '/verify', '/healthz']) {
      for (const method of ['GET', 'OPTIONS', 'POST']) {
        const { headers } = await server.send(path, {
          method,
          headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
        });
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      }
    }
  });
});

describe('a request that there is no endpoint for', () => {
  it('is 404 on an unknown path and 405 with Allow for a wrong method', async () => {
    const { server } = shared();
    for (const path of [
      '/',
      '/nothing',
      '/oauth/v1/token/',
      '/oauth//v1/token',
      '/OAUTH/v1/token',
      '/verifyx',
      '/rest/v1/auth/test%2f',
      '/../healthz',
      '/%2e%2e/healthz',
    ]) {
      expect((await server.send(path)).status, path).toBe(404);
    }
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND', 'HEAD']) {
      const { status, headers } = await server.send('/oauth/v1/token?x=1', { method });
      expect([status, headers.allow], method).toEqual([405, 'POST']);
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
      const { status, headers } = await server.send(TEST_AUTH, { method });
      expect([status, headers.allow], method).toEqual([405, 'GET, HEAD']);
    }
  });

  it.each([
    ['/oauth/v1/token/', '/oauth/v1/token'],
    ['/oauth//v1/token', '/oauth/v1/token'],
    ['//oauth/v1///token/?x=/verify/', '/oauth/v1/token'],
    ['/rest/v1/auth/test/', TEST_AUTH],
    ['/.well-known/oauth-authorization-server/', '/.well-known/oauth-authorization-server'],
    ['//verify', '/verify'],
    ['/healthz//', '/healthz'],
    ['//verify/a//b/', '/verify'],
  ])('is told, with slashes too many as in %s, which path is meant', async (path, meant) => {
    const { server } = shared();
    for (const method of ['GET', 'POST']) {
      const { status, text } = await server.send(path, { method });
      expect({ status, ...JSON.parse(text) }).toEqual({
        status: 404,
        error: 'invalid_request',
        error_description: `there is nothing at this path; did you mean ${meant}?`,
      });
    }
  });

  it('is told nothing but that on any other path, whatever it says', async () => {
    const { server } = shared();
    for (const path of ['/', '//', '/nothing/', '//evil.example/', '/verifyx/', '/oauth/v1/']) {
      const { status, text } = await server.send(path);
      expect([status, JSON.parse(text).error_description], path).toEqual([
        404,
        'there is nothing at this path',
      ]);
    }
  });

  it('is 400 when its path cannot be decoded', async () => {
    const { server } = shared();
    expect((await server.send('/%zz')).status).toBe(400);
    expect((await server.send('/verify/%zz')).status).toBe(400);
  });
});

describe('a request that is too much', () => {
  it('is 413 beyond 16 KiB of body, declared or not', async () => {
    const { server } = shared();
    const head =
      'POST /oauth/v1/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n';
    const fits = await server.raw(`${head}Content-Length: 16384\r\n\r\n${'x'.repeat(16_384)}`);
    expect(statuses(fits)).toEqual(['400']);
    const declared = await server.raw(`${head}Content-Length: 16385\r\n\r\n${'x'.repeat(16_385)}`);
    expect(statuses(declared)).toEqual(['413']);
    const chunk = `${(0x2000).toString(16)}\r\n${'x'.repeat(0x2000)}\r\n`;
    const chunked = await server.raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`);
    expect(statuses(chunked)).toEqual(['413']);
  });

  it('is 431 beyond 16 KiB of headers', async () => {
    const { server } = shared();
    const get = (length: number) =>
      server.raw(
        `GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: ${'y'.repeat(length)}\r\n\r\n`,
      );
    expect(statuses(await get(15_000))).toEqual(['200']);
    expect(statuses(await get(17_000))).toEqual(['431']);
  });

  it('has its last header looked at as well as its first, however many there are', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const server = await startServer(session);
    const head = `GET ${TEST_AUTH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${'a:\r\n'.repeat(3_000)}`;
    const authorization = `Authorization: Bearer ${key}\r\n`;
    expect(statuses(await server.raw(`${head}${authorization}\r\n`))).toEqual(['200']);
    expect(statuses(await server.raw(`${head}${authorization}${authorization}\r\n`))).toEqual(['400']);
  });

  it('is 408 when its headers or its body do not arrive in time', async () => {
    const { server } = shared();
    const [headers, body] = await Promise.all([
      server.raw('GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: '),
      server.raw(
        'POST /oauth/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{',
      ),
    ]);
    expect([statuses(headers), statuses(body)]).toEqual([['408'], ['408']]);
    expect((await server.send('/healthz')).status).toBe(200);
  });
});

describe('bytes that are not HTTP', () => {
  it.each([
    ['rubbish', 'rubbish\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n'],
    ['a space before the colon', 'GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n'],
    [
      'two lengths',
      'POST /oauth/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
    ],
    [
      'a length and chunks',
      'POST /oauth/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a line feed in a header', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n'],
    [
      'two hosts',
      'GET /rest/v1/auth/test HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    ],
    ['a null byte', 'GET /healthz\0 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ])('are answered with 400 and the connection is closed: %s', async (_, text) => {
    const { server } = shared();
    const answer = await server.raw(text);
    expect(statuses(answer)).toEqual(['400']);
    expect((await server.send('/healthz')).status).toBe(200);
  });
});
