import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { CredctlError, OverloadError } from '../domain/errors.js';
import { sendAnswer } from './answer.js';
import { occurrences } from './authorization.js';
import { clientAddress } from './client-address.js';
import type { ServerContext } from './context.js';
import { hostCheck } from './host-check.js';
import { parseForm, parseJson } from './parameters.js';
import { RateLimit } from './rate-limit.js';
import { addRoutes, isFreeOfLimits, isFreeOfNames, type Surroundings } from './routes.js';
import { faultAnswer, httpError, throttledFor, WireError } from './wire-error.js';

/** 16 KiB: of a body, and of all headers together. */
const MOST_BYTES = 16_384;

const HEADER_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;

export interface AppOptions {
  /** Names that the `Host` header may have. */
  readonly hosts: readonly string[];
  /** Networks whose `X-Forwarded-For` is believed. */
  readonly trustProxy: readonly string[];
  /** Requests of one address per second; 0 for no limit. */
  readonly rateLimit: number;
  /** Whether good requests are logged as well. */
  readonly logsAll: boolean;
  /** Takes a line of JSON for each thing that is logged. */
  readonly log: (line: string) => void;
}

/** The server with its endpoints and limits, not listening yet. */
export function buildApp(context: ServerContext, options: AppOptions): FastifyInstance {
  const countUnrouted = context.metrics.requestCounter('none');
  const app: FastifyInstance = fastify({
    bodyLimit: MOST_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: {
      maxHeaderSize: MOST_BYTES,
      headersTimeout: HEADER_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
    },
    trustProxy: options.trustProxy.length === 0 ? false : [...options.trustProxy],
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    genReqId: requestIds(),
    requestIdHeader: false,
    logController: new LogController({ disableRequestLogging: true }),
    logger: { level: 'info', base: null, stream: { write: options.log } },
    // A logger for each request would cost more than most requests.
    childLoggerFactory: (logger) => logger,
    clientErrorHandler: (fault, socket) => answerBrokenRequest(fault, socket),
    frameworkErrors: (fault, request, reply) => {
      reply.header('x-request-id', request.id);
      answerFault(context.metrics, fault, request, reply);
      countUnrouted(reply.statusCode);
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => parse(parseForm, body, done),
  );
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    parse(parseJson, body, done),
  );
  app.setErrorHandler((fault, request, reply) => answerFault(context.metrics, fault, request, reply));
  addRoutes(app, context, { guard: guards(context, options), account: accounts(app, context, options) });
  return app;
}

/** What every request has to pass before anything of it is looked at. */
function guards({ clock, isDraining }: ServerContext, options: AppOptions): Surroundings['guard'] {
  const isOurName = hostCheck(options.hosts);
  const limit = new RateLimit(options.rateLimit);
  return (path) => {
    const [anyName, anyRate] = [isFreeOfNames(path), isFreeOfLimits(path) || options.rateLimit === 0];
    return (request, reply) => {
      reply.header('x-request-id', request.id);
      if (isDraining()) reply.header('connection', 'close');
      if (!anyName && occurrences(request.raw.rawHeaders, 'host') > 1) {
        throw new WireError(httpError(400, 'there are several Host headers'));
      }
      if (!anyName && !isOurName(request.headers.host)) {
        throw new WireError(httpError(421, 'this server does not go by that name'));
      }
      if (!anyRate && !limit.allows(clientAddress(request), clock.now())) {
        throw new WireError(throttledFor(1_000), { reason: 'rate_limit', handle: null });
      }
    };
  };
}

function accounts(
  app: { readonly log: FastifyBaseLogger },
  { metrics }: ServerContext,
  { logsAll }: AppOptions,
): Surroundings['account'] {
  return (route) => {
    const count = metrics.requestCounter(route);
    return (request, reply) => {
      count(reply.statusCode);
      if (!logsAll || reply.statusCode >= 400) return;
      const { id, method, ip } = request;
      app.log.info({ request_id: id, method, route, address: ip, status: reply.statusCode }, 'answered');
    };
  };
}

/** Answers and logs whatever was thrown. */
function answerFault(
  metrics: ServerContext['metrics'],
  fault: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const answer = faultAnswer(fault);
  const about = {
    request_id: request.id,
    method: request.method,
    route: request.routeOptions.url ?? null,
    address: request.ip,
    status: answer.status,
    ...(fault instanceof WireError ? fault.note : {}),
  };
  if (answer.status < 500) request.log.info(about, 'refused');
  else if (fault instanceof WireError) request.log.warn(about, 'not ready');
  else if (fault instanceof CredctlError) {
    if (!(fault instanceof OverloadError)) metrics.storeErrors += 1;
    request.log.warn({ ...about, code: fault.code, message: fault.message }, 'unavailable');
  } else request.log.error({ ...about, fault: describe(fault) }, 'failed');
  return sendAnswer(reply, answer);
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

/** Ids that tell requests apart, also those of different runs. */
function requestIds(): () => string {
  const run = randomBytes(4).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `${run}-${count.toString(36)}`;
  };
}

/** What is not even HTTP never gets to an endpoint; nothing of it is repeated or logged. */
function answerBrokenRequest(fault: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || fault.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = BROKEN.get(fault.code ?? '') ?? '400 Bad Request';
  const body = '{"error":"invalid_request"}';
  const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`);
}

const BROKEN: ReadonlyMap<string, string> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
]);
