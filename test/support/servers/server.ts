import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type IncomingHttpHeaders, request as startRequest } from 'node:http';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { PROGRAM } from '../program/real-program.js';
import type { Session } from '../program/run.js';

/** What a server answered. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** A running `credctl serve`. */
export interface Server {
  readonly url: string;
  readonly port: number;
  readonly child: ChildProcess;
  /** Everything on standard error so far. */
  log(): string;
  /** Everything on standard output so far. */
  stdout(): string;
  send(path: string, options?: RequestOptions): Promise<Answered>;
  /** A form by POST. */
  post(
    path: string,
    form: Readonly<Record<string, string>>,
    headers?: RequestOptions['headers'],
  ): Promise<Answered>;
  /** Sends bytes as they are; all that comes back until the connection is closed. */
  raw(text: string): Promise<string>;
  /** Ends it with a signal; how it ended. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a server on any free port, or with `--socket` alone on that, which ends with the test. */
export async function startServer(session: Session, ...flags: readonly string[]): Promise<Server> {
  return startServerOf(PROGRAM, session, ...flags);
}

/** As {@link startServer}, of a copy of the program. */
export async function startServerOf(
  program: string,
  session: Session,
  ...flags: readonly string[]
): Promise<Server> {
  await makeStore(session, flags);
  const { started, child } = launchServer(session, flags, program);
  onTestFinished(() => void child.kill('SIGKILL'));
  return started;
}

/** Makes the default store where the server has no other one, and makes none by itself. */
async function makeStore(session: Session, flags: readonly string[]): Promise<void> {
  const { defaultStore, env } = session.workspace;
  const isNamed = flags.includes('--store') || env['CREDCTL_STORE'] !== undefined;
  // A configuration file may name another store, which is there already.
  if (!isNamed && !existsSync(defaultStore)) await session.run(['store', 'init', '-q']);
}

/** As {@link startServer}, ended by the caller. */
export function launchServer(
  session: Session,
  flags: readonly string[],
  program: string = PROGRAM,
): { readonly child: ChildProcess; readonly started: Promise<Server> } {
  const { workspace } = session;
  const port = flags.includes('--socket') ? [] : ['--port', '0'];
  const child = spawn(process.execPath, [program, 'serve', ...port, ...flags], {
    cwd: workspace.directory,
    env: workspace.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, log] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  child.stdout.setEncoding('utf8');
  const listening = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text: string) => {
      stdout += text;
      if (stdout.includes('\n')) resolve(stdout.slice(0, stdout.indexOf('\n')));
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${log}`)));
  });
  return {
    child,
    started: listening.then((url) => running(url, child, { log: () => log, stdout: () => stdout })),
  };
}

function running(url: string, child: ChildProcess, output: Pick<Server, 'log' | 'stdout'>): Server {
  const port = Number(new URL(url).port);
  const place = url.startsWith('unix:') ? { socketPath: url.slice('unix:'.length) } : { port };
  return {
    url,
    port,
    child,
    ...output,
    send: (path, options) => sendTo(place, path, options),
    post: (path, form, headers = {}) =>
      sendTo(place, path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(form).toString(),
      }),
    raw: (text) => sendRaw(place, text),
    async end(signal = 'SIGTERM') {
      const ended = child.exitCode === null ? once(child, 'exit') : Promise.resolve([child.exitCode]);
      child.kill(signal);
      return ((await ended) as [number | null])[0];
    },
  };
}

/** Where a server listens: a port of 127.0.0.1, or a Unix socket. */
export type Place = { readonly port: number } | { readonly socketPath: string };

/** Sends a request to a server. */
export async function sendTo(place: Place, path: string, options: RequestOptions = {}): Promise<Answered> {
  const { method = 'GET', headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const request = startRequest(
      {
        ...('port' in place ? { port: place.port, host: '127.0.0.1' } : place),
        path,
        method,
        agent: false,
        headers: headers as Record<string, string | string[]>,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

function sendRaw(place: Place, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const to = 'port' in place ? { port: place.port, host: '127.0.0.1' } : { path: place.socketPath };
    const socket = connect(to, () => socket.write(text));
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (fault: NodeJS.ErrnoException) =>
      fault.code === 'ECONNRESET' || fault.code === 'EPIPE' ? resolve(answer) : reject(fault),
    );
  });
}

/** `Authorization: Bearer …`. */
export function bearer(secret: string): Record<string, string> {
  return { authorization: `Bearer ${secret}` };
}

/** `Authorization: Basic …`, RFC 6749 §2.3.1. */
export function basic(clientId: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` };
}
