import { Command, Option } from 'commander';
import type { Duration } from '../../domain/duration.js';
import { usageError } from '../../domain/errors.js';
import { isLoopback } from '../../domain/text/loopback.js';
import { quote } from '../../domain/text/quote.js';
import type { CommandContext } from '../command-context.js';
import {
  keyPlace,
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
  readonly githubKeys?: string;
  readonly onLeak?: 'deactivate';
}

const MOST_REQUESTS = 1_000_000;

const MOST_CONNECTIONS = 1_000;

/** `credctl serve`. */
export function serveCommand(context: CommandContext): Command {
  const command = new Command('serve')
    .description(
      `Run an HTTP server for your apps and gateways: an OAuth 2.0 token endpoint, introspection, revocation, and checks of API keys and access tokens. The first line of standard output is the base URL, or unix:PATH if it listens only on a socket. On SIGTERM it answers the open requests and ends. ${ENDS_WITH_TERMINAL}`,
    )
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .addOption(
      new Option('--port <number>', 'the port; 0 takes any free port')
        .argParser(wholeNumber('--port', 0, 65_535))
        .default(8080),
    )
    .option('--socket <path>', 'listen on a Unix socket instead of a port; add --port to listen on both')
    .addOption(
      new Option('--socket-mode <mode>', 'permission bits of the socket, in octal')
        .argParser(socketMode)
        .default(0o660, '0660'),
    )
    .option('--public-url <url>', 'the URL that clients use for this server')
    .option('--allowed-host <name>', 'another host name that requests may use; repeatable', collect)
    .option(
      '--trust-proxy <cidr>',
      'believe X-Forwarded-For from this network, such as 10.0.0.0/8, or from the socket: unix; repeatable',
      collect,
    )
    .addOption(
      new Option('--rate-limit <number>', 'requests per second from one address; 0 for no limit')
        .argParser(wholeNumber('--rate-limit', 0, MOST_REQUESTS))
        .default(1_000),
    )
    .addOption(
      new Option('--log-format <format>', 'json or text (default: json, with --dev text)').argParser(
        oneOf('--log-format', ['json', 'text'] as const),
      ),
    )
    .addOption(
      new Option(
        '--shutdown-delay <duration>',
        'on SIGTERM, answer /readyz with 503 for this long before no more connections are accepted',
      )
        .argParser(durationOrZero)
        .default({ text: '0', ms: 0 }, '0'),
    )
    .addOption(
      new Option('--drain-timeout <duration>', 'how long open requests may take after that')
        .argParser(duration)
        .default({ text: '10s', ms: 10_000 }, '10s'),
    )
    .addOption(
      new Option('--connections <number>', 'at most this many connections to PostgreSQL')
        .argParser(wholeNumber('--connections', 2, MOST_CONNECTIONS))
        .default(10),
    )
    .option(
      '--github-keys <place>',
      "take alerts of GitHub's secret scanning; a file or https URL with the public keys that they are signed with",
    )
    .addOption(
      new Option('--on-leak <action>', 'deactivate: stop what GitHub reports, if it is live').argParser(
        oneOf('--on-leak', ['deactivate'] as const),
      ),
    )
    .option(
      '--dev',
      'for development: print an example request for every endpoint, log all requests, and create the default store if there is none',
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
      ['credctl serve --dev', 'on http://127.0.0.1:8080, with example requests to paste'],
      [
        'credctl serve --host 0.0.0.0 --allowed-host auth.internal --public-url https://auth.example.com',
        'behind a proxy that does TLS',
      ],
    ],
    [0, 2, 4, [5, 'conflict: the port or the socket is in use'], 8, 9],
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
      `other machines can reach ${quote(address)}, and no host name is allowed`,
      'allow the host name that clients use: --allowed-host auth.internal',
    );
  }
  if (options.onLeak !== undefined && options.githubKeys === undefined) {
    throw usageError('--on-leak has nothing to act on', 'add --github-keys, a file or an https URL');
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
      githubKeys:
        options.githubKeys === undefined
          ? null
          : keyPlace(options.githubKeys, (path) => host.absolutePath(path)),
      stopsLeaks: options.onLeak !== undefined,
    },
    notesOfOlder(host, globals).onMigrated,
  );
  host.out.write(
    globals.json ? jsonDocument({ url: server.url, socket: socket?.path ?? null }) : `${server.url}\n`,
  );
  if (isRemote) {
    note(host, globals, 'note: this is plain HTTP: put a proxy with TLS in front of it');
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
    note(host, globals, `note: systemd was not told that the server is ready: ${fault}`);
  });
  const ended = server.untilEnded({
    shutdownDelayMs: options.shutdownDelay.ms,
    drainTimeoutMs: options.drainTimeout.ms,
  });
  await Promise.all([ended, told]);
}
