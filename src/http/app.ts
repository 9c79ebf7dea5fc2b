import { randomBytes } from 'node:crypto';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { CredctlError, OverloadError } from '../domain/errors.js';
import { clientNetwork } from '../usecases/serving/client-network.js';
import { sendAnswer } from './answer.js';
import type { Connections } from './connections.js';
import type { ServerContext } from './context.js';
import { RateLimit } from './rate-limit.js';
import { occurrences } from './request/authorization.js';
import { clientAddress } from './request/client-address.js';
import { hostCheck } from './request/host-check.js';
import { parseForm, parseJson } from './request/parameters.js';
import { addRoutes, type RouteHooks, skipsHostCheck, skipsRateLimit, takesBytes } from './routes.js';
import { shownPath } from './shown-path.js';
import { faultAnswer, httpError, throttledFor, type WireAnswer, WireError } from './wire-error.js';

/** Limit in bytes of a body, and of all headers together: 16 KiB. */
const MOST_BYTES = 16_384;

const HEADER_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;

/** Statuses of requests that may have meant another path, which is then logged with all requests. */
const MISSED: ReadonlySet<number> = new Set([400, 404, 405]);

/** Options of {@link buildApp}. */
export interface AppOptions {
  /** Allowed values of the `Host` header. */
  readonly hosts: readonly string[];
  /** Rate limit per address, in requests per second; 0 for none. */
  readonly rateLimit: number;
  /** Whether successful requests are logged as well. */
  readonly logsAll: boolean;
  /** Receives each log record as a line of JSON. */
  readonly log: (line: string) => void;
}

/** Builds the server with its endpoints and limits, not listening yet. */
export function buildApp(
  context: ServerContext,
  options: AppOptions,
  connections: Connections,
): FastifyInstance {
  const faults = { metrics: context.metrics, trusts: context.trusts, logsAll: options.logsAll };
  const countUnrouted = context.metrics.requestCounter('none');
  const app: FastifyInstance = fastify({
    bodyLimit: MOST_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: {
      maxHeaderSize: MOST_BYTES,
      headersTimeout: HEADER_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    genReqId: requestIds(),
    requestIdHeader: false,
    logController: new LogController({ disableRequestLogging: true }),
    logger: { level: 'info', base: null, stream: { write: options.log } },
    // One shared logger: a child logger per request would cost more than most requests.
    childLoggerFactory: (logger) => logger,
    clientErrorHandler: (fault, socket) =>
      connections.refuse(fault, socket, (status) => {
        countUnrouted(status, null);
        app.log.info({ address: socket.remoteAddress, status, reason: fault.code }, 'refused');
      }),
    frameworkErrors: (fault, request, reply) => {
      reply.header('x-request-id', request.id);
      answerFault(faults, fault, request, reply);
      countUnrouted(reply.statusCode, null);
    },
  });
  app.server.on('connection', (socket) => connections.opened(socket));
  // Node.js silently drops headers beyond a count; the limit in bytes applies instead.
  app.server.maxHeadersCount = 0;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => parse(parseForm, body, done),
  );
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) =>
    takesBytes(request.routeOptions.url) ? done(null, body) : parse(parseJson, body, done),
  );
  app.setErrorHandler((fault, request, reply) => answerFault(faults, fault, request, reply));
  addRoutes(app, context, {
    guard: guards(context, options, connections),
    account: accounts(app, context, options, connections),
  });
  return app;
}

/** The host of an absolute request target, which overrides the `Host` header (RFC 9112 §3.2.2). */
function targetHost({ raw, headers }: FastifyRequest): string | undefined {
  const target = raw.url ?? '';
  if (target.startsWith('/') || target === '*') return headers.host;
  return URL.canParse(target) ? new URL(target).host : undefined;
}

/** The checks that precede any processing of a request: connection limit, host, rate limit. */
function guards(
  { clock, trusts, isDraining }: ServerContext,
  options: AppOptions,
  connections: Connections,
): RouteHooks['guard'] {
  const isOurName = hostCheck(options.hosts);
  const limit = new RateLimit(options.rateLimit);
  return (path) => {
    const [anyName, anyRate] = [skipsHostCheck(path), skipsRateLimit(path) || options.rateLimit === 0];
    return (request, reply) => {
      if (!connections.begun(request.raw)) {
        if (connections.isFirstTooMany(request.raw)) {
          const address = clientAddress(request.raw, trusts);
          request.log.info({ address, reason: 'too many unanswered requests' }, 'cut off');
        }
        return false;
      }
      reply.header('x-request-id', request.id);
      if (isDraining()) reply.header('connection', 'close');
      if (!anyName && occurrences(request.raw.rawHeaders, 'host') > 1) {
        throw new WireError(httpError(400, 'there are several Host headers'));
      }
      if (!anyName && !(isOurName(request.headers.host) && isOurName(targetHost(request)))) {
        throw new WireError(httpError(421, 'this host name is not allowed: see --allowed-host'));
      }
      if (!anyRate && !limit.allows(clientNetwork(clientAddress(request.raw, trusts)), clock.now())) {
        throw new WireError(throttledFor(1_000), { reason: 'rate_limit', handle: null });
      }
      return true;
    };
  };
}

function accounts(
  app: { readonly log: FastifyBaseLogger },
  { metrics, trusts }: ServerContext,
  { logsAll }: AppOptions,
  connections: Connections,
): RouteHooks['account'] {
  return (route) => {
    const count = metrics.requestCounter(route);
    return (request, reply) => {
      connections.answered(request.raw);
      count(reply.statusCode, reply.elapsedTime);
      if (!logsAll || reply.statusCode >= 400) return;
      const { id, method } = request;
      const address = clientAddress(request.raw, trusts);
      app.log.info({ request_id: id, method, route, address, status: reply.statusCode }, 'answered');
    };
  };
}

/** Answers and logs an error. */
function answerFault(
  { metrics, trusts, logsAll }: Pick<ServerContext, 'metrics' | 'trusts'> & Pick<AppOptions, 'logsAll'>,
  fault: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const answer = faultAnswer(fault);
  const about = {
    request_id: request.id,
    method: request.method,
    route: request.routeOptions.url ?? null,
    address: clientAddress(request.raw, trusts),
    status: answer.status,
    ...(logsAll && MISSED.has(answer.status) ? { path: shownPath(request.url) } : {}),
    ...((fault instanceof WireError ? fault.note : null) ?? reasonIn(answer)),
  };
  if (answer.status < 500) request.log.info(about, 'refused');
  else if (fault instanceof WireError) request.log.warn(about, 'not ready');
  else if (fault instanceof CredctlError) {
    if (!(fault instanceof OverloadError)) metrics.storeErrors += 1;
    request.log.warn({ ...about, code: fault.code, message: fault.message }, 'unavailable');
  } else request.log.error({ ...about, fault: describe(fault) }, 'failed');
  return sendAnswer(reply, answer);
}

/** The reason of a refusal that the answer itself names, in texts of this program. */
function reasonIn({ status, body }: WireAnswer): { readonly reason?: unknown } {
  return status >= 500 ? {} : { reason: body?.['error_description'] ?? body?.['error'] ?? null };
}

function describe(fault: unknown): { readonly message: string; readonly stack: string | undefined } {
  return fault instanceof Error
    ? { message: fault.message, stack: fault.stack }
    : { message: String(fault), stack: undefined };
}

function parse<T>(
  parser: (body: string) => T,
  body: string | Buffer,
  done: (fault: Error | null, parsed?: T) => void,
): void {
  try {
    done(null, parser(String(body)));
  } catch (fault) {
    done(fault instanceof Error ? fault : new Error(String(fault)));
  }
}

/** Generates request ids that are unique across restarts. */
function requestIds(): () => string {
  const run = randomBytes(4).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `${run}-${count.toString(36)}`;
  };
}
