import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type PostgresAddress,
  type PostgresHost,
  parsePostgresUrl,
} from '../../../../src/storage/postgres/connection/url.js';
import { MALFORMED_URLS, PASSWORD } from '../../../support/stores/store-spellings.js';
import { emptyDirectory } from '../../files.js';
import { failure } from '../../fixtures.js';

const NOWHERE = { PGPASSFILE: '/nonexistent/pgpass' };

const PREFERRED = { ssl: { rejectUnauthorized: false }, isPreference: true, isDeclined: false };
const INSISTED = { isPreference: false, isDeclined: false };
const DECLINED = { ssl: false, isPreference: false, isDeclined: true } as const;

/** The address, with its first host. */
type Parsed = PostgresAddress & PostgresHost;

function parsed(url: string, env: Readonly<Record<string, string>> = {}): Parsed {
  const address = parsePostgresUrl(url, { ...NOWHERE, ...env });
  return { ...address, ...address.hosts[0] };
}

describe('the URL of a PostgreSQL database', () => {
  it.each<readonly [string, Partial<Parsed>]>([
    [
      'postgres://ann@db.example.org/team',
      {
        host: 'db.example.org',
        port: 5432,
        user: 'ann',
        database: 'team',
        location: 'postgres://ann@db.example.org/team',
      },
    ],
    [
      'postgresql://ann:secret@db:6543/team',
      { host: 'db', port: 6543, location: 'postgres://ann@db:6543/team' },
    ],
    ['POSTGRES://ann@db', { database: 'ann' }],
    ['postgres://a%40b:x@db/%C3%A4', { user: 'a@b', database: 'ä', location: 'postgres://a%40b@db/%C3%A4' }],
    ['postgres://ann:p@ss:word@db/team', { host: 'db', user: 'ann' }],
    [
      'postgres://ann@[::1]:5433/team',
      { host: '::1', port: 5433, location: 'postgres://ann@[::1]:5433/team' },
    ],
    [
      'postgres:///team?host=/run/postgresql&user=ann',
      { host: '/run/postgresql', user: 'ann', location: 'postgres://ann@/team?host=/run/postgresql' },
    ],
    ['postgres://ann@%2Frun%2Fpg/team', { host: '/run/pg' }],
    ['postgres://ann@my_db.größe.example/my%20team', { host: 'my_db.größe.example', database: 'my team' }],
    ['postgres://ann@[fe80::1%25eth0]/a+b-c.d~e$f', { host: 'fe80::1%eth0', database: 'a+b-c.d~e$f' }],
    ['postgres://CORP%5Cann@db/team', { user: 'CORP\\ann' }],
    ['postgres://x@db/team?user=ann&port=1&dbname=other', { user: 'ann', port: 1, database: 'other' }],
    [
      'postgres://ann@db/team',
      { tls: PREFERRED, applicationName: 'credctl', channelBinding: 'disable', required: null },
    ],
    ['postgres://ann@db/team?sslmode=prefer', { tls: PREFERRED }],
    ['postgres://ann@/team?host=/run/postgresql', { tls: { ...PREFERRED, ssl: false, isPreference: false } }],
    ['postgres://ann@db/team?sslmode=disable', { tls: DECLINED }],
    ['postgres://ann@db/team?sslmode=require', { tls: { ...INSISTED, ssl: {} } }],
    ['postgres://ann@db/team?sslmode=verify-full', { tls: { ...INSISTED, ssl: {} } }],
    [
      'postgres://ann@db/team?sslmode=no-verify',
      { tls: { ...INSISTED, ssl: { rejectUnauthorized: false } } },
    ],
    ['postgres://ann@db/team?sslmode=require&channel_binding=prefer', { channelBinding: 'prefer' }],
    ['postgres://ann@db/team?channel_binding=disable', { channelBinding: 'disable' }],
    ['postgres://ann@db/team?sslmode=disable&sslrootcert=/nonexistent.pem', { tls: DECLINED }],
    [
      'postgres://ann@db/team?require_auth=md5,scram-sha-256',
      { required: { isList: true, allowed: new Set(['md5', 'scram-sha-256']) } },
    ],
    [
      'postgres://ann@db/team?require_auth=!password,!md5,!gss,!sspi,!oauth',
      { required: { isList: false, allowed: new Set(['scram-sha-256', 'none']) } },
    ],
    ['postgres://ann@db/team?application_name=job', { applicationName: 'job' }],
  ])('%s', (url, expected) => {
    expect(parsed(url)).toMatchObject(expected);
  });

  it('leaves to the environment what it does not say', () => {
    const env = { PGHOST: 'db', PGPORT: '7', PGUSER: 'ann', PGDATABASE: 'team', PGSSLMODE: 'require' };
    expect(parsed('postgres://', env)).toMatchObject({
      host: 'db',
      port: 7,
      user: 'ann',
      database: 'team',
      tls: { ssl: {} },
    });
    expect(parsed('postgres://bob@here/x?sslmode=disable', env)).toMatchObject({
      host: 'here',
      user: 'bob',
      database: 'x',
      tls: { ssl: false },
    });
  });

  it.each([
    ...MALFORMED_URLS,
    'postgres:team',
    'postgres:/team',
    'postgres://owner@db:99999/team',
    'postgres://owner@db:0/team',
  ])('%s is refused without being repeated', (url) => {
    let thrown: unknown;
    try {
      parsed(url);
    } catch (fault) {
      thrown = fault;
    }
    expect(thrown).toEqual(failure('usage'));
    expect(String(thrown) + JSON.stringify(thrown)).not.toContain(PASSWORD);
  });

  it('means TLS to a server that is checked when it names certificates and no sslmode', () => {
    const authority = join(emptyDirectory(), 'authority.pem');
    writeFileSync(authority, 'the certificate');
    const url = `postgres://ann@db/team?sslrootcert=${encodeURIComponent(authority)}`;
    expect(parsed(url).tls.ssl).toEqual({ ca: 'the certificate' });
    expect(parsed(url, { PGSSLMODE: 'prefer' }).tls.ssl).toEqual({ ca: 'the certificate' });
    expect(parsed(url, { PGSSLMODE: 'disable' }).tls.ssl).toBe(false);
  });

  it.each(['pasword', 'md5,!password', ',', 'trust'])('refuses require_auth=%s', (methods) => {
    expect(() => parsed(`postgres://ann@db/team?require_auth=${methods}`)).toThrow(
      failure('usage', /require_auth/) as Error,
    );
  });

  it('names the parameter of a certificate that cannot be read', () => {
    const read = () => parsed('postgres://ann@db/team?sslmode=require&sslrootcert=hunter2');
    const message = /^cannot read the file that sslrootcert names \(ENOENT\)$/;
    expect(read).toThrow(failure('store_unavailable', message) as Error);
  });
});

describe('the password of a database', () => {
  const passwordOf = (url: string, env: Readonly<Record<string, string>> = {}) => parsed(url, env).password();

  it('is that of the URL, else PGPASSWORD', async () => {
    const env = { PGPASSWORD: 'from-env' };
    expect(await passwordOf('postgres://ann:from%2Furl@db/team', env)).toBe('from/url');
    expect(await passwordOf('postgres://ann@db/team?password=from-url', env)).toBe('from-url');
    expect(await passwordOf('postgres://ann@db/team', env)).toBe('from-env');
    expect(await passwordOf('postgres://ann@db/team')).toBeUndefined();
  });

  it.each<readonly [string, string, string | undefined]>([
    ['the first line that matches', 'db:1:team:ann:no\ndb:5432:team:ann:yes\n*:*:*:*:later', 'yes'],
    ['stars for anything', '*:*:*:ann:yes', 'yes'],
    ['characters behind a backslash', 'db:*:*:ann:a\\:b\\\\c', 'a:b\\c'],
    ['lines that end in CR LF', '# a remark\r\ndb:*:*:ann:yes\r\n', 'yes'],
    ['no line of somebody else', 'db:*:*:bob:no\nother:*:*:ann:no', undefined],
    ['no line that is cut off', 'db:*:*:ann', undefined],
  ])('is taken from the password file: %s', async (_what, content, password) => {
    const file = join(emptyDirectory(), 'pgpass');
    writeFileSync(file, content, { mode: 0o600 });
    expect(await passwordOf('postgres://ann@db/team', { PGPASSFILE: file })).toBe(password);
  });

  it('is not taken from a file that others can read', async () => {
    const file = join(emptyDirectory(), 'pgpass');
    writeFileSync(file, '*:*:*:*:yes', { mode: 0o600 });
    chmodSync(file, 0o640);
    expect(await passwordOf('postgres://ann@db/team', { PGPASSFILE: file })).toBeUndefined();
  });

  it.runIf(process.geteuid?.() === 0)('is not taken from a file of another user', async () => {
    const file = join(emptyDirectory(), 'pgpass');
    writeFileSync(file, '*:*:*:*:yes', { mode: 0o600 });
    chownSync(file, 65_534, 65_534);
    expect(await passwordOf('postgres://ann@db/team', { PGPASSFILE: file })).toBeUndefined();
  });

  it('is looked for under localhost when the server is reached by a socket', async () => {
    const file = join(emptyDirectory(), 'pgpass');
    writeFileSync(file, 'localhost:*:*:ann:yes', { mode: 0o600 });
    expect(await passwordOf('postgres://ann@/team?host=/run/pg', { PGPASSFILE: file })).toBe('yes');
  });
});
