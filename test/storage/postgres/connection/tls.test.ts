import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PostgresPool } from '../../../../src/storage/postgres/connection/pool.js';
import { parsePostgresUrl } from '../../../../src/storage/postgres/connection/url.js';
import { openOwnPostgres } from '../../../support/postgres/own-postgres.js';
import { loggedInAs } from '../../../support/postgres/verifier-login.js';
import { bearer, startServer } from '../../../support/servers/server.js';

const run = promisify(execFile);
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes an authority: a key, and a certificate that says so itself. */
async function authority(directory: string, name: string): Promise<string> {
  const path = join(directory, `${name}.crt`);
  await run('openssl', [
    ...['req', '-x509', ...KEY, '-keyout', join(directory, `${name}.key`), '-out', path],
    ...['-subj', `/CN=${name}`, '-days', '2', '-addext', 'keyUsage=critical,keyCertSign'],
  ]);
  return path;
}

/** Has an authority certify a server by the name `localhost`, and no other. */
async function certify(directory: string, name: string, path: string): Promise<void> {
  const request = join(directory, 'server.csr');
  await run('openssl', ['req', ...KEY, '-keyout', `${path}.key`, '-out', request, '-subj', '/CN=localhost']);
  const extensions = join(directory, 'server.ext');
  await writeFile(extensions, 'subjectAltName=DNS:localhost\n');
  await run('openssl', [
    ...[
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      join(directory, `${name}.crt`),
      '-days',
      '2',
      '-CAcreateserial',
    ],
    ...['-CAkey', join(directory, `${name}.key`), '-extfile', extensions, '-out', `${path}.crt`],
  ]);
}

describe('TLS to a server whose certificate an authority of our own has signed', () => {
  it('is made with the right authority and name, and refused with another one', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'credctl-tls-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const [ours, theirs] = [await authority(directory, 'ours'), await authority(directory, 'theirs')];
    const { session, server } = await openOwnPostgres(async (data) => {
      const path = join(data, 'server');
      await certify(directory, 'ours', path);
      const { uid, gid } = await stat(data);
      for (const file of [`${path}.key`, `${path}.crt`]) {
        await chown(file, uid, gid);
        await chmod(file, 0o600);
      }
      await writeFile(
        join(data, 'pg_hba.conf'),
        'hostssl all all 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 scram-sha-256\n',
      );
      return { ssl: 'on', ssl_cert_file: `${path}.crt`, ssl_key_file: `${path}.key` };
    });
    const key = await session.issue('bot');
    const { password } = new URL(server.url);
    const at = (host: string, query: string) => {
      const url = Object.assign(new URL(server.url), { hostname: host, search: query });
      url.password = '';
      return loggedInAs(session, url.href, password);
    };
    const list = async (host: string, query: string) => {
      const as = at(host, query);
      return as.run(['list'], { env: as.workspace.env });
    };
    for (const [query, isEncrypted] of [
      ['', 'true'],
      ['?sslmode=prefer', 'true'],
      ['?sslmode=disable', 'false'],
    ] as const) {
      const pool = new PostgresPool(parsePostgresUrl(`${server.url}${query}`, {}), 1);
      const asked = 'select ssl::text from pg_stat_ssl where pid = pg_backend_pid()';
      expect(await pool.connection.all(asked, []).finally(() => pool.close())).toEqual([
        { ssl: isEncrypted },
      ]);
    }
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      const good = await list('localhost', `sslmode=${mode}&sslrootcert=${ours}`);
      expect([mode, good.exitCode], good.stderr).toEqual([mode, 0]);
      const bad = await list('localhost', `sslmode=${mode}&sslrootcert=${theirs}`);
      expect([mode, bad.exitCode], bad.stderr).toEqual([mode, 8]);
      expect(bad.stderr).toContain('cannot be trusted');
      expect(bad.stderr).toContain('sslrootcert');
      expect((await list('localhost', `sslmode=${mode}`)).exitCode, 'signed by nobody that is known').toBe(8);
    }
    // Its certificate is not for 127.0.0.1; only verify-ca does not mind.
    for (const [mode, exitCode] of [
      ['require', 8],
      ['verify-full', 8],
      ['verify-ca', 0],
    ] as const) {
      const found = await list('127.0.0.1', `sslmode=${mode}&sslrootcert=${ours}`);
      expect([mode, found.exitCode], found.stderr).toEqual([mode, exitCode]);
      if (exitCode === 8) expect(found.stderr).toContain('cannot be trusted');
    }
    // With an address the name is checked all the same.
    const addressed = `hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=${ours}`;
    expect((await list('localhost', addressed)).exitCode).toBe(0);
    expect((await list('elsewhere.invalid', addressed)).stderr).toContain('cannot be trusted');
    const bound = `channel_binding=require&sslmode=verify-full&sslrootcert=${ours}`;
    expect((await list('localhost', bound)).exitCode).toBe(0);
    const unbound = await list('localhost', 'channel_binding=require&sslmode=disable');
    expect([unbound.exitCode, unbound.stderr]).toEqual([
      4,
      expect.stringMatching(/does not offer the channel binding[^\n]*\nhint: the password was not sent/),
    ]);
    expect((await list('localhost', 'sslrootcert=system')).stderr).toContain('cannot be trusted');
    const trusting = at('localhost', 'sslrootcert=system');
    const env = { ...trusting.workspace.env, NODE_EXTRA_CA_CERTS: ours };
    expect((await trusting.run(['list'], { env, ownProcess: true })).exitCode).toBe(0);
    const missing = await list('localhost', 'sslmode=verify-full&sslrootcert=/none/ca.crt');
    expect([missing.exitCode, missing.stderr.includes('cannot read')]).toEqual([8, true]);
    const refused = at('localhost', `sslmode=verify-full&sslrootcert=${theirs}`);
    expect((await refused.run(['serve', '--port', '0'], { env: refused.workspace.env })).exitCode).toBe(8);
    const serving = await startServer(at('localhost', `sslmode=verify-full&sslrootcert=${ours}`));
    expect((await serving.send('/rest/v1/auth/test', { headers: bearer(key) })).status).toBe(200);
  });
});
