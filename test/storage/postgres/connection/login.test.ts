import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startPostgres } from '../../../support/postgres/server.js';
import { POSTGRES_18 } from '../../../support/postgres/stores.js';
import { openAt } from '../../files.js';
import { failure } from '../../fixtures.js';

describe('a login that the server refuses', () => {
  it.each([
    [
      'who may not connect',
      (name: string) => [
        `revoke connect on database ${name} from public`,
        `create role ${name}_stranger login password 'pw'`,
      ],
      (url: URL) => Object.assign(url, { username: `${url.pathname.slice(1)}_stranger`, password: 'pw' }),
      failure('denied', /does not let this login connect/, /grant it the right to connect/),
    ],
    [
      'to a database that takes nobody',
      (name: string) => [`alter database ${name} allow_connections false`],
      (url: URL) => url,
      failure('store_unavailable', /refuses the session \(SQLSTATE 55000\)/, /the log of the server/),
    ],
    [
      'with settings that do not exist',
      () => [],
      (url: URL) => Object.assign(url, { search: '?options=-c%20nonsense%3D1' }),
      failure('store_unavailable', /refuses the session \(SQLSTATE 42704\)/, /first of all its options/),
    ],
  ])('is told so, %s', async (_who, statements, change, expected) => {
    const [administered, database] = [await POSTGRES_18.database(), await POSTGRES_18.database()];
    const name = new URL(database.url).pathname.slice(1);
    onTestFinished(async () => {
      await database.drop();
      await administered.ask(`drop role if exists ${name}_stranger`);
      await administered.drop();
    });
    for (const statement of statements(name)) await administered.ask(statement);
    await expect(openAt(change(new URL(database.url)).href)).rejects.toEqual(expected);
  });

  it.each([
    ['?sslmode=disable', /ended the connection/, /server's log/],
    ['', /does not answer like PostgreSQL/, /check the host and the port/],
    ['?sslmode=require', /does not answer like PostgreSQL/, /check the host and the port/],
  ])('is told so by what is no PostgreSQL, with a URL that ends in "%s"', async (search, fact, hint) => {
    const other = createServer((socket) => {
      socket.on('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
    });
    onTestFinished(() => void other.close());
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(openAt(`postgres://me@127.0.0.1:${port}/db${search}`)).rejects.toEqual(
      failure('store_unavailable', fact, hint),
    );
  });

  it('is waited for once where nobody answers', async () => {
    let connections = 0;
    const silent = createServer(() => {
      connections += 1;
    });
    onTestFinished(() => void silent.close());
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const { port } = silent.address() as AddressInfo;
    await expect(openAt(`postgres://me@127.0.0.1:${port}/db`)).rejects.toEqual(
      failure('store_unavailable', /within 10 seconds/),
    );
    expect(connections).toBe(1);
  });
});

it('is told why a server lets a role in from nowhere, or not like this', async () => {
  const server = await startPostgres(18, async (data) => {
    await writeFile(
      join(data, 'pg_hba.conf'),
      `hostssl all careful 127.0.0.1/32 scram-sha-256
       host all banned 127.0.0.1/32 reject
       host all postgres,locked,late 127.0.0.1/32 scram-sha-256\n`,
    );
    return {};
  });
  onTestFinished(() => server.stop());
  const superuser = new pg.Client({ connectionString: server.url });
  await superuser.connect();
  await superuser.query(`create role careful login password 'pw'; create role banned login password 'pw';
    create role locked nologin password 'pw'; create role late login password 'pw' valid until '2020-01-01'`);
  await superuser.end();
  const login = (username: string, password = 'pw', search = ''): Promise<unknown> =>
    openAt(Object.assign(new URL(server.url), { username, password, search }).href);
  const fromHere = /does not accept this login from this machine/;
  await expect(login('careful')).rejects.toEqual(failure('denied', fromHere, /: try sslmode=require/));
  await expect(login('banned')).rejects.toEqual(failure('denied', fromHere, /: try sslmode=require/));
  await expect(login('locked')).rejects.toEqual(failure('denied', /may not log in/, /alter role NAME login/));
  await expect(login('late')).rejects.toEqual(failure('denied', /refuses the password/, /have expired/));
  await expect(login('postgres', 'no')).rejects.toEqual(
    failure('denied', /refuses the password/, /PGPASSWORD.*~\/\.pgpass/),
  );
});
