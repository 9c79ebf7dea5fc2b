import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PostgresPool } from '../../../../src/storage/postgres/connection/pool.js';
import { parsePostgresUrl } from '../../../../src/storage/postgres/connection/url.js';
import { openOwnPostgres } from '../../../support/postgres/own-postgres.js';
import { openPostgresSession, storeConfig } from '../../../support/postgres/session.js';
import { silentProxy } from '../../../support/postgres/silent-proxy.js';
import { POSTGRES_18 } from '../../../support/postgres/stores.js';
import { openSession } from '../../../support/program/run.js';
import { until } from '../../../support/program/until.js';
import { bearer, startServer } from '../../../support/servers/server.js';
import { emptyDirectory } from '../../files.js';
import { failure } from '../../fixtures.js';

/** Nobody listens there. */
const NOBODY = '127.0.0.1:1';

/** The same URL with other hosts and parameters. */
function withHosts(url: string, hosts: readonly string[], query = ''): string {
  const { username, password, pathname } = new URL(url);
  return `postgres://${username}:${password}@${hosts.join(',')}${pathname}${query}`;
}

function hostOf(url: string): string {
  return new URL(url).host;
}

/** The port of the server that a pool comes to. */
async function reached(url: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const pool = new PostgresPool(parsePostgresUrl(url, { PGPASSFILE: '/none', ...env }), 2);
  onTestFinished(() => pool.close());
  const [row] = await pool.connection.all<{ port: string }>(`select current_setting('port') as port`, []);
  return `127.0.0.1:${row?.port}`;
}

/** Accepts connections and says nothing, unless told otherwise. @returns its host and port */
async function startListener(onConnection: (socket: Socket) => void = () => {}): Promise<string> {
  const server = createServer(onConnection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

describe('several hosts', () => {
  it('are tried in order, and one that does not answer is not waited for any longer than its share', async () => {
    const { database } = await openPostgresSession();
    const good = hostOf(database.url);
    for (const hosts of [
      [good, NOBODY],
      [NOBODY, good],
      [NOBODY, 'nobody.invalid', good],
      [await startListener(), good],
      [await startListener((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')), good],
    ]) {
      expect(await reached(withHosts(database.url, hosts, '?connect_timeout=2')), hosts.join()).toBe(good);
    }
  });

  it('make a store for commands, which name the first where none can be reached', async () => {
    const { database } = await openPostgresSession();
    const url = withHosts(database.url, [NOBODY, hostOf(database.url)]);
    const session = await openSession({ config: storeConfig(url) });
    await session.issue('ci-bot');
    expect(await session.ok('list', '-q')).toContain('ci-bot');
    const nowhere = await openSession({
      config: storeConfig(withHosts(database.url, [NOBODY, '127.0.0.1:2'])),
    });
    expect((await nowhere.refused(8, ['list'])).message).toMatch(
      /^postgres:\/\/\w+@127\.0\.0\.1:1,…\/\w+ cannot be reached \(ECONNREFUSED\)$/,
    );
  });

  it('are tried once each where none will do', async () => {
    const counts = [0, 0, 0];
    const hosts = [];
    for (const index of counts.keys()) {
      hosts.push(
        await startListener((socket) => {
          counts[index] = (counts[index] ?? 0) + 1;
          socket.destroy();
        }),
      );
    }
    await expect(reached(`postgres://ann@${hosts.join(',')}/team`)).rejects.toEqual(
      failure('store_unavailable', /ended the connection/),
    );
    expect(counts).toEqual([1, 1, 1]);
  });

  it('are not tried after a password was refused', async () => {
    const { server } = await openOwnPostgres();
    const [first, second] = [hostOf(server.url), hostOf(await POSTGRES_18.server())];
    const { password } = new URL(server.url);
    const file = join(emptyDirectory(), 'pgpass');
    const line = (host: string, text: string) => `${host}:*:*:${text}\n`;
    writeFileSync(file, line(first, 'wrong') + line(second, password), { mode: 0o600 });
    const url = `postgres://postgres@${first},${second}/postgres`;
    await expect(reached(url, { PGPASSFILE: file })).rejects.toEqual(
      failure('denied', /refuses the password/),
    );
    writeFileSync(file, line(NOBODY, 'wrong') + line(second, password), { mode: 0o600 });
    const other = `postgres://postgres@${NOBODY},${second}/postgres`;
    expect(await reached(other, { PGPASSFILE: file })).toBe(second);
  });

  it('are left out while they cannot be written, unless any is asked for', async () => {
    const { server } = await openOwnPostgres(async () => ({ default_transaction_read_only: 'on' }));
    const [readOnly, good] = [hostOf(server.url), hostOf(await POSTGRES_18.server())];
    const url = (query: string) => withHosts(server.url, [readOnly, good], query);
    expect(await reached(url(''))).toBe(good);
    expect(await reached(url('?target_session_attrs=read-write'))).toBe(good);
    expect(await reached(url('?target_session_attrs=any'))).toBe(readOnly);
    expect(await reached(url('?target_session_attrs=primary')), 'it is no standby').toBe(readOnly);
    expect(await reached(url(''), { PGTARGETSESSIONATTRS: 'any' })).toBe(readOnly);
    await expect(reached(`${server.url}?target_session_attrs=read-write`)).rejects.toEqual(
      failure('store_unavailable', /is read-only for this login/),
    );
    expect(await reached(server.url), 'one host is taken as it is').toBe(readOnly);
  });

  it('keep a server going when the one that it uses falls silent', async () => {
    const owner = await openPostgresSession();
    const key = await owner.issue('ci-bot');
    const { hostname, port } = new URL(owner.database.url);
    const proxies = [await silentProxy(hostname, Number(port)), await silentProxy(hostname, Number(port))];
    const [first] = proxies;
    const hosts = proxies.map((proxy) => `127.0.0.1:${proxy.port}`);
    const session = await openSession({ config: storeConfig(withHosts(owner.database.url, hosts)) });
    const server = await startServer(session);
    const verify = async () => (await server.send('/verify', { headers: bearer(key) })).status;
    expect(await verify()).toBe(200);
    first?.fallSilent();
    await until(async () => (await verify()) === 200);
    expect((await server.send('/readyz')).status).toBe(200);
    expect(server.log()).not.toMatch(/"level":50/);
  });
});

it('connect_timeout says how long a command waits for a connection', async () => {
  const session = await openSession();
  const silent = await startListener();
  const { message } = await session.refused(8, ['list'], {
    env: { CREDCTL_STORE: `postgres://ann@${silent}/team?connect_timeout=1` },
  });
  expect(message).toMatch(/could not be reached within 1 seconds$/);
});
