import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { exampleOf } from '../build/page.js';
import type { Session } from '../program/run.js';
import { freePort } from './free-port.js';
import type { Answered } from './server.js';

/** A gateway, and how it is started with the configuration that the documentation shows. */
export const GATEWAYS = [
  {
    name: 'nginx',
    example: 'nginx.conf',
    configuration: (shown: string, directory: string) =>
      `daemon off; pid ${directory}/nginx.pid; error_log stderr; events {}
       http { access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${directory}/${of};`).join(' ')} ${shown} }`,
    withBrowsers: (shown: string) =>
      exampleOf('docs/gateways.md', 'maps.conf') +
      replaced(
        shown,
        '    proxy_set_header Authorization $http_authorization;\n',
        exampleOf('docs/gateways.md', 'credctl.conf'),
      ),
    command: (file: string) => ['nginx', '-c', file, '-p', '.'],
  },
  {
    name: 'caddy',
    example: 'Caddyfile',
    configuration: (shown: string) => `{\n\tadmin off\n}\n${shown}`,
    withBrowsers: (shown: string) =>
      replaced(shown, '\t\tforward_auth 127.0.0.1:8080 {\n', exampleOf('docs/gateways.md', 'matchers')),
    command: (file: string) => ['caddy', 'run', '--adapter', 'caddyfile', '--config', file],
  },
] as const;

/** A configuration with a line of it replaced, which has to be there. */
function replaced(shown: string, line: string, by: string): string {
  expect(shown.split(line)).toHaveLength(2);
  return shown.replace(line, () => by);
}

/** A backend that remembers the headers of what reaches it. */
export async function startBackend(): Promise<{ port: number; seen: IncomingHttpHeaders[] }> {
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

export function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  body = '',
  method = body === '' ? 'GET' : 'POST',
): Promise<Answered> {
  return new Promise((resolve, reject) => {
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

export function ask(port: number, method: string, headers: Record<string, string>): Promise<Answered> {
  return get(port, '/api/x', headers, method === 'POST' ? 'a body' : '', method);
}

/** Whether the program of a gateway is on this machine. */
export function isThere({ name }: (typeof GATEWAYS)[number]): boolean {
  const env = { PATH: `${process.env['PATH']}:/usr/sbin` };
  return spawnSync(name, [name === 'nginx' ? '-v' : 'version'], { env }).status === 0;
}

/** Starts a gateway with the documented configuration, on ports that are free. */
export async function startGateway(
  session: Session,
  { example, configuration, command }: (typeof GATEWAYS)[number],
  ports: { readonly backend: number; readonly server: number },
  change = (shown: string): string => shown,
): Promise<number> {
  const { root, directory, env } = session.workspace;
  const port = await freePort();
  const text = change(exampleOf('docs/gateways.md', example))
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
