import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  FOR_COMMANDS,
  FOR_REQUESTS,
  patienceForHost,
} from '../../../../src/storage/postgres/connection/patience.js';
import { type PostgresAddress, parsePostgresUrl } from '../../../../src/storage/postgres/connection/url.js';
import { PASSWORD } from '../../../support/stores/store-spellings.js';
import { emptyDirectory } from '../../files.js';
import { failure } from '../../fixtures.js';

type Environment = Readonly<Record<string, string>>;

function parsed(url: string, env: Environment = {}): PostgresAddress {
  return parsePostgresUrl(url, { PGPASSFILE: '/nonexistent', PGSYSCONFDIR: '/nonexistent', ...env });
}

/** Hosts with their ports, and the addresses that are connected to. */
function places({ hosts }: PostgresAddress): readonly string[] {
  return hosts.map(({ host, port, address }) => `${host}:${port}${address === null ? '' : ` at ${address}`}`);
}

/** Why a URL is refused; nothing in it may repeat a value. */
function refusal(url: string, env: Environment = {}): { readonly message: string; readonly hint: string } {
  try {
    parsed(url, env);
  } catch (fault) {
    expect(fault).toEqual(failure('usage'));
    expect(JSON.stringify(fault) + String(fault)).not.toContain(PASSWORD);
    const { message, hint } = fault as { message: string; hint: string };
    return { message, hint };
  }
  throw new Error(`${url} was taken`);
}

describe('the hosts of a database', () => {
  it.each<readonly [string, Environment, readonly string[]]>([
    ['postgres://ann@db1,db2/team', {}, ['db1:5432', 'db2:5432']],
    ['postgres://ann@db1:5433,db2:5434/team', {}, ['db1:5433', 'db2:5434']],
    ['postgres://ann@db1,db2:5434/team', {}, ['db1:5432', 'db2:5434']],
    ['postgres://ann@[::1]:5433,[fe80::2]/team', {}, ['::1:5433', 'fe80::2:5432']],
    ['postgres://ann:p,x:y@db1,db2/team', {}, ['db1:5432', 'db2:5432']],
    ['postgres://ann@/team?host=db1,/run/postgresql&port=1,2', {}, ['db1:1', '/run/postgresql:2']],
    ['postgres://ann@/team?host=db1,db2&port=7', {}, ['db1:7', 'db2:7']],
    ['postgres:///team', { PGHOST: 'db1,db2', PGPORT: '1,2' }, ['db1:1', 'db2:2']],
    ['postgres://db9/team', { PGHOST: 'db1,db2', PGPORT: '3' }, ['db9:3']],
    ['postgres://db/team?hostaddr=192.0.2.7', {}, ['db:5432 at 192.0.2.7']],
    ['postgres:///team?hostaddr=192.0.2.7,::1', {}, ['192.0.2.7:5432 at 192.0.2.7', '::1:5432 at ::1']],
    ['postgres:///team', { PGHOSTADDR: '192.0.2.7' }, ['192.0.2.7:5432 at 192.0.2.7']],
    ['postgres:///team', { PGHOST: 'db', PGHOSTADDR: '192.0.2.7' }, ['db:5432 at 192.0.2.7']],
    ['postgres://db/team', { PGHOSTADDR: '192.0.2.7' }, ['db:5432']],
    ['postgres:///team', {}, ['localhost:5432']],
  ])('of %s with %j', (url, env, expected) => {
    expect(places(parsed(url, { PGUSER: 'ann', ...env }))).toEqual(expected);
  });

  it('are named by the first one alone, so that nothing of a list that was meant otherwise is shown', () => {
    expect(parsed(`postgres://ann@db1,${PASSWORD},db2:7/team`).location).toBe('postgres://ann@db1,…/team');
    expect(parsed(`postgres://ann@/team?host=/run/a,${PASSWORD}`).location).not.toContain(PASSWORD);
  });

  it.each([
    ['postgres://ann@db1,db2/team?port=1,2,3', /different numbers of hosts and ports/],
    ['postgres://ann@db1,db2/team?hostaddr=192.0.2.7', /different numbers of hosts and addresses/],
    [`postgres://ann@db/team?hostaddr=${PASSWORD}`, /hostaddr of the database is not an IP address/],
    [`postgres://ann@db1,,${PASSWORD}/team`, /malformed/],
  ])('that do not fit are refused: %s', (url, message) => {
    expect(refusal(url).message).toMatch(message);
  });

  it('must be writable where there are several, and may be anything where there is one', () => {
    expect(parsed('postgres://ann@db/team').target).toBe('any');
    expect(parsed('postgres://ann@db1,db2/team').target).toBe('read-write');
    expect(parsed('postgres://ann@db1,db2/team?target_session_attrs=any').target).toBe('any');
    expect(parsed('postgres://ann@db/team', { PGTARGETSESSIONATTRS: 'primary' }).target).toBe('primary');
    for (const wish of ['standby', 'prefer-standby', 'read-only', PASSWORD]) {
      const { message } = refusal(`postgres://ann@db/team?target_session_attrs=${wish}`);
      expect(message).toBe('the target_session_attrs of the database is unknown or not supported');
    }
  });
});

describe('connect_timeout', () => {
  const seconds = (text: string, env: Environment = {}) =>
    parsed(`postgres://ann@db/team${text}`, env).connectSeconds;

  it('is in seconds, and none for 0 and less', () => {
    expect(seconds('?connect_timeout=30')).toBe(30);
    expect(seconds('', { PGCONNECT_TIMEOUT: '5' })).toBe(5);
    expect([seconds(''), seconds('?connect_timeout=0'), seconds('?connect_timeout=-1')]).toEqual([
      null,
      null,
      null,
    ]);
    expect(refusal('postgres://ann@db/team?connect_timeout=5s').message).toMatch(/connect_timeout/);
  });

  it('may be as long as one likes for a command, and never too long for the requests of a server', () => {
    const wait = (patience: typeof FOR_COMMANDS, hosts: number, given: number | null) =>
      patienceForHost(patience, hosts, given).connectSeconds;
    expect([wait(FOR_COMMANDS, 1, null), wait(FOR_COMMANDS, 2, null), wait(FOR_COMMANDS, 2, 60)]).toEqual([
      10, 5, 60,
    ]);
    expect([wait(FOR_REQUESTS, 1, 60), wait(FOR_REQUESTS, 2, 60), wait(FOR_REQUESTS, 2, 1)]).toEqual([
      4, 2, 1,
    ]);
  });
});

describe('TLS and channel binding', () => {
  it('sslrootcert=system trusts what Node.js does, and always checks the name', () => {
    for (const [url, env] of [
      ['?sslrootcert=system', {}],
      ['?sslrootcert=system&sslmode=verify-full', {}],
      ['', { PGSSLROOTCERT: 'system' }],
      ['', { PGSSLROOTCERT: 'system', PGSSLMODE: 'prefer' }],
    ] as const) {
      expect(parsed(`postgres://ann@db/team${url}`, env).hosts[0].tls).toEqual({
        ssl: {},
        isPreference: false,
        isDeclined: false,
      });
    }
    for (const mode of ['disable', 'prefer', 'verify-ca', 'no-verify']) {
      const { message } = refusal(`postgres://ann@db/team?sslrootcert=system&sslmode=${mode}`);
      expect(message).toBe('the sslmode of the database is too weak for sslrootcert=system');
    }
  });

  it('channel_binding is require, prefer or disable, in the URL or in PGCHANNELBINDING', () => {
    const binding = (query: string, env: Environment = {}) =>
      parsed(`postgres://ann@db/team${query}`, env).channelBinding;
    expect([binding(''), binding('?channel_binding=require')]).toEqual(['disable', 'require']);
    expect(binding('', { PGCHANNELBINDING: 'require' })).toBe('require');
    expect(refusal(`postgres://ann@db/team?channel_binding=${PASSWORD}`).message).toMatch(/channel_binding/);
  });
});

describe('a parameter that is not understood', () => {
  it.each(['schema', 'pgbouncer', 'ssl', 'search_path', 'sslnegotiation', 'connection_limit', 'passfile'])(
    'is named where other programs know it: %s',
    (name) => {
      const { message, hint } = refusal(`postgres://ann@db/team?${name}=${PASSWORD}`);
      expect(message).toBe(`the parameter "${name}" is unknown in the URL of the database`);
      expect(hint).toMatch(/^leave it out; these are known: host, /);
    },
  );

  it('is not named otherwise: it may be the rest of a password', () => {
    for (const rest of [PASSWORD, 'horse_battery', 'Schema', 'sch%65ma2']) {
      const { message, hint } = refusal(`postgres://ann@db/team?password=a&${rest}`);
      expect(message).toBe('the URL of the database has an unknown parameter');
      expect(message + hint).not.toContain(rest);
    }
  });
});

describe('a service', () => {
  const written = (text: string): Environment => {
    const file = join(emptyDirectory(), 'services.conf');
    writeFileSync(file, text);
    return { PGSERVICEFILE: file };
  };
  const FILE = `# of the team
[other]
host=elsewhere
[team]
host=db1,db2
port=7
user=ann
password=${PASSWORD}
dbname=credentials
sslmode=verify-full

[later]
host=later
`;

  it('says what the URL leaves open, before any variable does', async () => {
    const address = parsed('postgres://', {
      ...written(FILE),
      PGSERVICE: 'team',
      PGHOST: 'no',
      PGDATABASE: 'no',
    });
    expect(places(address)).toEqual(['db1:7', 'db2:7']);
    expect(address).toMatchObject({ user: 'ann', database: 'credentials' });
    expect(address.hosts[0].tls).toMatchObject({ isPreference: false, ssl: {} });
    expect(await address.hosts[1]?.password()).toBe(PASSWORD);
    const named = parsed('postgres://bob@here/mine?service=team', { ...written(FILE), PGSERVICE: 'later' });
    expect([places(named), named.user, named.database]).toEqual([['here:7'], 'bob', 'mine']);
  });

  it('is found in the home directory, and in the file of the machine', () => {
    const [home, machine] = [emptyDirectory(), emptyDirectory()];
    writeFileSync(join(home, '.pg_service.conf'), '[own]\nhost=own\n');
    writeFileSync(join(machine, 'pg_service.conf'), '[all]\nhost=all\n[own]\nhost=shadowed\n');
    const of = (service: string) =>
      places(parsed('postgres://ann@/team', { HOME: home, PGSYSCONFDIR: machine, PGSERVICE: service }));
    expect([of('own'), of('all')]).toEqual([['own:5432'], ['all:5432']]);
  });

  it.each([
    ['no file has it', '[other]\nhost=x\n', /is in no service file/],
    ['a parameter is not understood', '[team]\nschema=x\n', /"schema" is unknown in the service/],
    ['a parameter is nothing that anybody knows', `[team]\n${PASSWORD}=x\n`, /has an unknown parameter/],
    ['a line is none', `[team]\n${PASSWORD}\n`, /an unknown line/],
    ['it leads to another', '[team]\nservice=other\n', /an unknown line/],
  ])('is refused, and never passed over, where %s', (_what, text, message) => {
    expect(refusal('postgres://ann@db/team', { ...written(text), PGSERVICE: 'team' }).message).toMatch(
      message,
    );
  });

  it('is refused where its file cannot be read', () => {
    const env = { PGSERVICEFILE: emptyDirectory(), PGSERVICE: 'team' };
    expect(() => parsed('postgres://ann@db/team', env)).toThrow(
      failure('store_unavailable', /cannot read the service file of the database \(EISDIR\)/) as Error,
    );
  });
});
