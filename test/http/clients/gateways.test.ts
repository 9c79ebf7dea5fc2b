import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { createServer as createListener } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { exampleOf } from '../../support/build/document.js';
import { openSession, type Session } from '../../support/program/run.js';
import { forged } from '../../support/servers/clients.js';
import { type Answered, bearer, startServer } from '../../support/servers/server.js';

/** A gateway, and how it is started with the configuration that the documentation shows. */
const GATEWAYS = [
  {
    name: 'nginx',
    example: 'nginx.conf',
    configuration: (shown: string, directory: string) =>
      `daemon off; pid ${directory}/nginx.pid; error_log stderr; events {}
       http { access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${directory}/${of};`).join(' ')} ${shown} }`,
    command: (file: string) => ['nginx', '-c', file, '-p', '.'],
  },
  {
    name: 'caddy',
    example: 'Caddyfile',
    configuration: (shown: string) => `{\n\tadmin off\n}\n${shown}`,
    command: (file: string) => ['caddy', 'run', '--adapter', 'caddyfile', '--config', file],
  },
] as const;

/** What backends read of a request's way to them, besides the usual three. */
const FORWARDED = [
  ...['port', 'prefix', 'server', 'ssl', 'scheme', 'path', 'user', 'email', 'groups', 'by'].map(
    (name) => `x-forwarded-${name}`,
  ),
  'x-forwarded',
  'x-real-ip',
  'x_forwarded_for',
  'x-forwarded_proto',
  'x_real-ip',
];

/** A spoofed client address, from a range for documentation (RFC 5737). */
const SPOOFED = '203.0.113.9';

/** A backend that remembers the headers of what reaches it. */
async function startBackend(): Promise<{ port: number; seen: IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((incoming, response) => {
    seen.push(incoming.headers);
    incoming.resume().on('end', () => response.end('the backend'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  const address = server.address();
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, seen };
}

async function freePort(): Promise<number> {
  const listener = createListener().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function untilListening(port: number, child: ChildProcess, log: () => string): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    if (
      await get(port, '/').then(
        () => true,
        () => false,
      )
    )
      return;
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`the gateway does not listen: ${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function get(port: number, path: string, headers: Record<string, string> = {}, body = ''): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const method = body === '' ? 'GET' : 'POST';
    request({ port, host: '127.0.0.1', path, headers, method, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    })
      .on('error', reject)
      .end(body);
  });
}

/** Starts a gateway with the documented configuration, on ports that are free. */
async function startGateway(
  session: Session,
  { example, configuration, command }: (typeof GATEWAYS)[number],
  ports: { readonly backend: number; readonly server: number },
): Promise<number> {
  const { root, directory, env } = session.workspace;
  const port = await freePort();
  const text = exampleOf('docs/gateways.md', example)
    .replaceAll(':8088', `:${port}`)
    .replaceAll(':3000', `:${ports.backend}`)
    .replaceAll(':8080', `:${ports.server}`);
  const file = join(directory, 'gateway.conf');
  await writeFile(file, configuration(text, root));
  const [program = '', ...args] = command(file);
  const child = spawn(program, args, { cwd: directory, env: { ...env, PATH: `${env['PATH']}:/usr/sbin` } });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk;
    });
  }
  onTestFinished(() => void child.kill('SIGTERM'));
  await untilListening(port, child, () => log);
  return port;
}

describe.each(GATEWAYS)('$name, configured as documented', (gateway) => {
  const path = `${process.env['PATH']}:/usr/sbin`;
  const isThere =
    spawnSync(gateway.name, [gateway.name === 'nginx' ? '-v' : 'version'], { env: { PATH: path } }).status ===
    0;

  it(`lets through what credctl lets through${isThere ? '' : ` (not run: there is no ${gateway.name} here)`}`, {
    skip: !isThere,
  }, async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'ops', '--kind', 'service');
    const key = await session.issue('ci-bot', '--owner', 'ops');
    const other = (
      await session.ok('create', 'other', '--type', 'api-key', '--scope', 'data:conversations', '-q')
    ).trimEnd();
    const server = await startServer(session, '--trust-proxy', '127.0.0.1');
    const backend = await startBackend();
    const port = await startGateway(session, gateway, { backend: backend.port, server: server.port });
    const spoofed = {
      'x-credential-name': 'root',
      'x-credential-owner': 'root',
      x_credential_name: 'root',
      'x-credential_name': 'root',
      'x_credential-owner': 'root',
      'x.credential.name': 'root',
      connection:
        'X-Credential-Id, X-Credential-Name, X-Credential-Owner, X-Credential-Scopes, X-Forwarded-For',
      'x-forwarded-for': SPOOFED,
      'x-forwarded-host': SPOOFED,
      'x-forwarded-proto': SPOOFED,
      'x-forwarded-method': SPOOFED,
      'x-forwarded-uri': SPOOFED,
      ...Object.fromEntries(FORWARDED.map((name) => [name, SPOOFED])),
      forwarded: `for=${SPOOFED}`,
    };

    const good = await get(port, '/api/x?y=1', { ...bearer(key), ...spoofed }, 'a body');
    expect([good.status, good.text]).toEqual([200, 'the backend']);
    expect(backend.seen.at(-1)).toMatchObject({
      'x-credential-name': 'ci-bot',
      'x-credential-owner': 'ops',
      'x-credential-scopes': 'data:users',
      'x-credential-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(backend.seen.at(-1)?.authorization).toBeUndefined();
    expect(JSON.stringify(backend.seen.at(-1))).not.toMatch(/root|203\.0\.113\.9/);
    expect(backend.seen.at(-1)).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
    });
    expect((await get(port, '/api/', { 'x-api-key': key })).status).toBe(200);

    const reached = backend.seen.length;
    const wrong = await get(port, '/api/', { ...bearer(forged(key)), ...spoofed });
    expect(wrong.status).toBe(401);
    expect(wrong.headers['www-authenticate']).toBe('Bearer realm="credctl", error="invalid_token"');
    expect((await get(port, '/api/')).status).toBe(401);
    expect((await get(port, '/api/', bearer(other))).status).toBe(403);
    await session.ok('deactivate', 'ci-bot');
    expect((await get(port, '/api/', bearer(key))).status).toBe(401);
    expect(backend.seen).toHaveLength(reached);

    await session.ok('activate', 'ci-bot');
    await session.ok('edit', 'ci-bot', '--no-owner');
    expect((await get(port, '/api/', { ...bearer(key), ...spoofed })).status).toBe(200);
    expect(backend.seen.at(-1)?.['x-credential-owner'] ?? '').toBe('');
    expect(server.log()).toContain('"address":"127.0.0.1"');
    expect(server.log()).not.toContain(SPOOFED);
  });
});
