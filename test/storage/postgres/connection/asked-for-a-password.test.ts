import { describe, expect, it, onTestFinished } from 'vitest';
import {
  answerable,
  isLoopback,
  type Line,
  type LoginMethod,
} from '../../../../src/storage/postgres/connection/login-methods.js';
import { PostgresPool } from '../../../../src/storage/postgres/connection/pool.js';
import { parsePostgresUrl } from '../../../../src/storage/postgres/connection/url.js';
import {
  outerAddress,
  type Request,
  selfSigned,
  startAsking,
} from '../../../support/postgres/asking-server.js';
import { failure } from '../../fixtures.js';

const PASSWORD = 's3cret-of-db';
const OUTER = outerAddress();

/** Tries to log in, for no longer than it takes the other side to have what it is sent. @returns what became of it */
async function tried(host: string, port: number, query: string): Promise<unknown> {
  const pool = new PostgresPool(
    parsePostgresUrl(`postgres://own:${PASSWORD}@${host}:${port}/team${query}`, { PGPASSFILE: '/none' }),
    1,
    { connectSeconds: 2, sessionSeconds: 2, busySeconds: 2, answerMs: 2_000 },
  );
  onTestFinished(() => pool.close());
  return pool.connection.all('select 1', []).catch((fault: unknown) => fault);
}

/** How the answers to the requests begin. */
const SENT: Readonly<Record<'password' | 'md5' | 'scram', string>> = {
  password: `p\0\0\0\x11${PASSWORD}\0`,
  md5: 'p\0\0\0(md5',
  scram: 'p\0\0\0',
};

describe.runIf(OUTER !== null)('a server on the network that asks for', () => {
  const host = OUTER ?? '';

  it.each<
    readonly [what: string, requests: readonly Request[], query: string, withTls: boolean, message: RegExp]
  >([
    [
      'the password, without TLS',
      ['password'],
      '',
      false,
      /unencrypted password over an unencrypted connection/,
    ],
    ['its MD5, without TLS', ['md5'], '', false, /the MD5 of the password over an unencrypted connection/],
    [
      'the password, with channel binding',
      ['password'],
      '?channel_binding=prefer',
      false,
      /unencrypted password/,
    ],
    [
      'the password, and that may be used',
      ['password'],
      '?require_auth=password',
      false,
      /unencrypted password/,
    ],
    ['the password, over TLS that nobody checks', ['password'], '', true, /identity was not checked/],
    [
      'the password, over TLS that is not to be checked',
      ['password'],
      '?sslmode=no-verify',
      true,
      /identity was not checked/,
    ],
    ['its MD5, over TLS that nobody checks', ['md5'], '', true, /identity was not checked/],
    [
      'the password, which is only not ruled out',
      ['password'],
      '?require_auth=!md5',
      true,
      /identity was not checked/,
    ],
    ['SCRAM, which is ruled out', ['scram'], '?require_auth=password', true, /asks for SCRAM.* forbids/],
    ['nothing, which is ruled out', ['ok'], '?require_auth=scram-sha-256', true, /asks for nothing/],
    [
      'SCRAM, and for the password once it has begun',
      ['scram', 'password'],
      '',
      true,
      /identity was not checked/,
    ],
    ...(['password', 'md5', 'scram', 'ok'] as const).flatMap((request) =>
      [true, false].map(
        (withTls) =>
          [
            `${request}, and does not bind it to the session, ${withTls ? 'with' : 'without'} TLS`,
            [request],
            '?channel_binding=require&require_auth=password,md5,scram-sha-256,none',
            withTls,
            /does not offer the channel binding/,
          ] as const,
      ),
    ),
    [
      'the password where it is ruled out',
      ['password'],
      '?sslmode=disable&require_auth=scram-sha-256',
      false,
      /forbids/,
    ],
  ])('%s gets nothing', async (_what, requests, query, withTls, message) => {
    const server = await startAsking(requests, { tls: withTls ? selfSigned() : null, address: host });
    expect(await tried(host, server.port, query)).toEqual(
      failure('denied', message, /the password was not sent/),
    );
    expect(server.received()).not.toContain(PASSWORD);
    expect(server.received()).not.toContain('md5');
    if (requests.length === 1) expect(server.received()).toBe('');
  });

  it.each<readonly [what: string, request: keyof typeof SENT, query: string, withTls: boolean]>([
    ['the password', 'password', '?sslmode=disable', false],
    ['its MD5', 'md5', '?sslmode=disable', false],
    ['the password', 'password', '?require_auth=password,scram-sha-256', true],
    ['its MD5', 'md5', '?require_auth=md5', true],
    ['SCRAM', 'scram', '', true],
    ['SCRAM', 'scram', '', false],
    ['SCRAM', 'scram', '?sslmode=no-verify&require_auth=scram-sha-256', true],
  ])(
    '%s (%s, %s) gets it when that was said, or gives nothing away',
    async (_what, request, query, withTls) => {
      const server = await startAsking([request], { tls: withTls ? selfSigned() : null, address: host });
      await tried(host, server.port, query);
      expect(server.received().startsWith(SENT[request])).toBe(true);
      expect(server.sessions).toEqual(withTls ? { encrypted: 1, plain: 0 } : { encrypted: 0, plain: 1 });
    },
  );

  it.each(['', '?require_auth=scram-sha-256', '?sslmode=disable'])(
    'SCRAM, and lets in before it has proven to know the password, is asked nothing: %s',
    async (query) => {
      const server = await startAsking(['scram', 'ok'], { tls: null, address: host });
      const fault = await tried(host, server.port, query);
      expect(fault).toEqual(failure('denied', /does not prove that it knows/, /no statement was sent/));
      expect(server.received()).not.toMatch(/search_path|select/);
    },
  );
});

describe('a server on this machine', () => {
  it('is given the password without TLS, which was tried first', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const server = await startAsking(['password'], { tls: null, address: host });
      await tried(host, server.port, '');
      expect(server.received().startsWith(SENT.password)).toBe(true);
    }
    const secure = await startAsking(['password'], { tls: selfSigned(), address: '127.0.0.1' });
    await tried('127.0.0.1', secure.port, '');
    expect(secure.received().startsWith(SENT.password)).toBe(true);
    expect(secure.sessions).toEqual({ encrypted: 1, plain: 0 });
  });

  it('whose certificate is good is given it over TLS', async () => {
    const tls = selfSigned();
    const server = await startAsking(['password'], { tls, address: 'localhost' });
    await tried('localhost', server.port, `?sslrootcert=${encodeURIComponent(tls.path)}`);
    expect(server.received().startsWith(SENT.password)).toBe(true);
    expect(server.sessions).toEqual({ encrypted: 1, plain: 0 });
  });
});

describe('what may be answered', () => {
  const FAR: Line = { isEncrypted: false, isVerified: false, isLocal: false, isDeclined: false };

  it.each<readonly [LoginMethod, Partial<Line>, ReturnType<typeof answerable>]>([
    ['password', {}, 'in-clear'],
    ['password', { isLocal: true }, null],
    ['password', { isDeclined: true }, null],
    ['password', { isEncrypted: true }, 'unverified'],
    ['password', { isEncrypted: true, isVerified: true }, null],
    ['md5', {}, 'in-clear'],
    ['md5', { isEncrypted: true, isVerified: true }, null],
    ['scram-sha-256', {}, null],
    ['none', {}, null],
  ])('%s over %j: %s', (method, line, expected) => {
    expect(answerable(method, { ...FAR, ...line }, null)).toBe(expected);
  });

  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['10.0.0.1', false],
    ['::ffff:10.0.0.1', false],
    ['fe80::1', false],
    [undefined, false],
  ])('%s is on this machine alone: %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
  });
});
