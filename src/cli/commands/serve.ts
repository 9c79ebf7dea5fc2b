import { Command, Option } from 'commander';
import type { Duration } from '../../domain/duration.js';
import { usageError } from '../../domain/errors.js';
import { isLoopback } from '../../domain/text/loopback.js';
import { quote } from '../../domain/text/quote.js';
import type { CommandContext } from '../command-context.js';
import {
  type ListeningFlags,
  listeningPlaces,
  parseHost,
  parseProxy,
  parsePublicUrl,
  socketMode,
} from '../flags/addresses.js';
import {
  addGlobalOptions,
  collect,
  duration,
  durationOrZero,
  type GlobalOptions,
  globalOptions,
  oneOf,
  wholeNumber,
} from '../flags/global.js';
import { ENDS_WITH_TERMINAL, explain } from '../help.js';
import { newStoreFrom } from '../new-store.js';
import { jsonDocument } from '../render/json.js';
import { requestExamples } from '../render/request-examples.js';
import { note, notesOfOlder } from '../session.js';

/** Flags of `credctl serve`. */
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly socket?: string;
  readonly socketMode: number;
  readonly publicUrl?: string;
  readonly allowedHost?: readonly string[];
  readonly trustProxy?: readonly string[];
  readonly rateLimit: number;
  readonly logFormat?: 'json' | 'text';
  readonly shutdownDelay: Duration;
  readonly drainTimeout: Duration;
  readonly dev?: true;
  readonly connections: number;
}

const MOST_REQUESTS = 1_000_000;

const MOST_CONNECTIONS = 1_000;

/** `credctl serve`. */
export function serveCommand(context: CommandContext): Command {
  const command = new Command('serve')
    .description(
      `Answer applications, gateways and services over HTTP: an OAuth 2.0 token endpoint, introspection, revocation, and checks of API keys and access tokens. The first line of standard output is the base URL, or unix:PATH where there is just a socket; SIGTERM ends it once everything is answered. ${ENDS_WITH_TERMINAL}`,
    )
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .addOption(
      new Option('--port <number>', 'the port; 0 takes any that is free')
        .argParser(wholeNumber('--port', 0, 65_535))
        .default(8080),
    )
    .option('--socket <path>', 'listen on a Unix socket, in place of the port, or beside a --port')
    .addOption(
      new Option('--socket-mode <mode>', 'who may use the socket, in octal')
        .argParser(socketMode)
        .default(0o660, '0660'),
    )
    .option('--public-url <url>', 'the URL that clients know it by')
    .option('--allowed-host <name>', 'another name that requests may call it by; repeatable', collect)
    .option(
      '--trust-proxy <cidr>',
      'a network whose X-Forwarded-For is believed, such as 10.0.0.0/8, or unix for the socket; repeatable',
      collect,
    )
    .addOption(
      new Option('--rate-limit <number>', 'requests per second of one address; 0 for no limit')
        .argParser(wholeNumber('--rate-limit', 0, MOST_REQUESTS))
        .default(1_000),
    )
    .addOption(
      new Option('--log-format <format>', 'json or text; json unless --dev').argParser(
        oneOf('--log-format', ['json', 'text'] as const),
      ),
    )
    .addOption(
      new Option(
        '--shutdown-delay <duration>',
        'how long /readyz is 503 at the end, while everything else goes on, before it stops accepting',
      )
        .argParser(durationOrZero)
        .default({ text: '0', ms: 0 }, '0'),
    )
    .addOption(
      new Option('--drain-timeout <duration>', 'how long requests in flight may take at the end')
        .argParser(duration)
        .default({ text: '10s', ms: 10_000 }, '10s'),
    )
    .addOption(
      new Option('--connections <number>', 'connections to a PostgreSQL database at most')
        .argParser(wholeNumber('--connections', 2, MOST_CONNECTIONS))
        .default(10),
    )
    .option(
      '--dev',
      'show a request for every endpoint, log all requests, and make the default store where there is none',
    );
  addGlobalOptions(command).action((options: ServeOptions) =>
    runServe(context, globalOptions(command), {
      ...options,
      isGiven: (flag) => command.getOptionValueSource(flag) === 'cli',
    }),
  );
  return explain(
    command,
    [
      ['credctl serve --dev', 'on http://127.0.0.1:8080, with requests to paste'],
      [
        'credctl serve --host 0.0.0.0 --allowed-host auth.internal --public-url https://auth.example.com',
        'behind something that does TLS',
      ],
    ],
    [0, 2, 4, 5, 8, 9],
  );
}

/** Runs the server until it is terminated. */
export async function runServe(
  { host }: CommandContext,
  globals: GlobalOptions,
  options: ServeOptions & Pick<ListeningFlags, 'isGiven'>,
): Promise<void> {
  const { rateLimit, dev = false, allowedHost = [], trustProxy = [] } = options;
  const places = listeningPlaces(options, (path) => host.absolutePath(path));
  const { host: address, port, socket } = places;
  const isRemote = port !== null && !isLoopback(address);
  if (isRemote && allowedHost.length === 0) {
    throw usageError(
      `${quote(address)} can be reached from other machines, and no name was allowed`,
      'say by which name clients call it: --allowed-host auth.internal',
    );
  }
  const server = await host.startServer(
    globals,
    newStoreFrom(host, globals, {}),
    dev ? (location) => note(host, globals, `created the store ${location}`) : null,
    {
      ...places,
      publicUrl: options.publicUrl === undefined ? null : parsePublicUrl(options.publicUrl),
      allowedHosts: allowedHost.map(parseHost),
      trustProxy: trustProxy.map(parseProxy),
      rateLimit,
      logFormat: options.logFormat ?? (dev ? 'text' : 'json'),
      logsAll: dev,
      connections: options.connections,
    },
    notesOfOlder(host, globals).onMigrated,
  );
  host.out.write(
    globals.json ? jsonDocument({ url: server.url, socket: socket?.path ?? null }) : `${server.url}\n`,
  );
  if (isRemote) {
    note(host, globals, 'note: this is plain HTTP: put something in front of it that does TLS');
  }
  if (dev && !globals.quiet && !globals.json) {
    const [catalog, store] = [await server.catalog(), globals.store ?? null];
    const reached =
      port === null && socket !== null
        ? { url: 'http://localhost', socket: socket.path }
        : { url: server.url, socket: null };
    host.err.write(requestExamples({ ...reached, catalog, store }));
  }
  const told = server.tellReady().then((fault) => {
    if (fault === null) return;
    note(host, globals, `note: readiness was not told to the service manager: ${fault}`);
  });
  const ended = server.untilEnded({
    shutdownDelayMs: options.shutdownDelay.ms,
    drainTimeoutMs: options.drainTimeout.ms,
  });
  await Promise.all([ended, told]);
}
