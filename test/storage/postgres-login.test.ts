import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { POSTGRES_18 } from '../support/postgres-stores.js';
import { openAt } from './files.js';
import { failure } from './fixtures.js';
import '../support/patience.js';

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
      failure('store_unavailable', /refuses the session \(SQLSTATE 55000\)/, /server's log/),
    ],
    [
      'with settings that do not exist',
      () => [],
      (url: URL) => Object.assign(url, { search: '?options=-c%20nonsense%3D1' }),
      failure('store_unavailable', /refuses the session \(SQLSTATE 42704\)/, /its options above all/),
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
    ['', /ended the connection/, /server's log/],
    ['?sslmode=require', /does not speak as PostgreSQL does/, /check the host and the port/],
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
