import { METHODS } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Handler, ServerContext } from './context.js';
import { forwardAuthEndpoint } from './endpoints/forward-auth.js';
import { introspectionEndpoint } from './endpoints/introspect.js';
import { metadataEndpoint } from './endpoints/metadata.js';
import { healthEndpoint, metricsEndpoint, readinessEndpoint } from './endpoints/probes.js';
import { revocationEndpoint } from './endpoints/revoke.js';
import { MOST_ALERT_BYTES, scanAlertEndpoint } from './endpoints/scan-alert.js';
import { scanCheckEndpoint } from './endpoints/scan-check.js';
import { testAuthEndpoint } from './endpoints/test-auth.js';
import { tokenEndpoint } from './endpoints/token.js';
import { httpError, methodNotAllowed, WireError } from './wire-error.js';

/** An endpoint with its method and path. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly handler: Handler;
  /** Upper bound of the body in bytes, where it is not that of all others. */
  readonly bodyLimit?: number;
}

const METADATA = '/.well-known/oauth-authorization-server';

const ALERT = '/scan/v1/alert';

/** Paths exempt from the host check: gateways and probes use other names. */
const FREE_OF_NAMES: ReadonlySet<string> = new Set(['/verify', '/healthz', '/readyz', '/metrics']);

/** Paths exempt from the rate limit: frequent probes must not count against clients behind the same address. */
const FREE_OF_LIMITS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** All routes except forward auth, which accepts any method. */
export function routes(context: ServerContext): readonly Route[] {
  const token = tokenEndpoint(context);
  const metadata = metadataEndpoint(context);
  return [
    { method: 'POST', path: '/oauth/v1/token', handler: token },
    { method: 'POST', path: '/oauth/token', handler: token },
    { method: 'POST', path: '/oauth/v1/introspect', handler: introspectionEndpoint(context) },
    { method: 'POST', path: '/oauth/v1/revoke', handler: revocationEndpoint(context) },
    { method: 'GET', path: '/rest/v1/auth/test', handler: testAuthEndpoint(context) },
    { method: 'POST', path: '/scan/v1/check', handler: scanCheckEndpoint(context) },
    ...alertRoutes(context),
    ...metadataPaths(context).map((path) => ({ method: 'GET' as const, path, handler: metadata })),
    { method: 'GET', path: '/healthz', handler: healthEndpoint() },
    { method: 'GET', path: '/readyz', handler: readinessEndpoint(context) },
    { method: 'GET', path: '/metrics', handler: metricsEndpoint(context) },
  ];
}

function alertRoutes(context: ServerContext): readonly Route[] {
  const { alerts } = context;
  if (alerts === null) return [];
  const handler = scanAlertEndpoint(context, alerts);
  return [{ method: 'POST', path: ALERT, handler, bodyLimit: MOST_ALERT_BYTES }];
}

/** Metadata paths; that of an issuer with a path is appended to the well-known one (RFC 8414 §3.1). */
function metadataPaths({ publicUrl }: ServerContext): readonly string[] {
  const issuerPath = publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
  return [...new Set([METADATA, `${METADATA}${issuerPath}`])];
}

/** Hooks that run before and after each endpoint. */
export interface RouteHooks {
  /**
   * Admits a request to the endpoint at a path, or throws; false when its connection is gone and no answer is
   * needed.
   */
  readonly guard: (path: string) => (request: FastifyRequest, reply: FastifyReply) => boolean;
  /** Counts and logs the answer of a route. */
  readonly account: (route: string) => (request: FastifyRequest, reply: FastifyReply) => void;
}

/** Registers the endpoints, with the answers for unknown paths and methods. */
export function addRoutes(app: FastifyInstance, context: ServerContext, hooks: RouteHooks): void {
  const hooksOf = (path: string) => {
    const [guard, account] = [hooks.guard(path), hooks.account(path)];
    return {
      onRequest: hook(guard),
      onResponse: (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
        account(request, reply);
        done();
      },
    };
  };
  const table = routes(context);
  for (const { method, path, handler, bodyLimit } of table) {
    const limit = bodyLimit === undefined ? {} : { bodyLimit };
    app.route({ method, url: path, handler, ...limit, ...hooksOf(path) });
  }
  for (const method of METHODS) {
    if (!app.supportedMethods.includes(method) && method !== 'CONNECT') app.addHttpMethod(method);
  }
  const forwardAuth = beforeTheBody(forwardAuthEndpoint(context));
  const { onRequest, onResponse } = hooksOf('/verify');
  for (const url of ['/verify', '/verify/*']) {
    app.all(url, { onRequest: [onRequest, forwardAuth], onResponse }, () => undefined);
  }
  const [guard, account] = [hooks.guard('elsewhere'), hooks.account('none')];
  app.setNotFoundHandler((request, reply) => {
    reply.raw.once('finish', () => account(request, reply));
    if (!guard(request, reply)) return;
    const path = pathOf(request.url);
    const found = table.find((route) => route.path === path);
    if (found === undefined) throw new WireError(httpError(404, nothingAt(path, table)));
    throw new WireError(methodNotAllowed(found.method === 'GET' ? 'GET, HEAD' : 'POST'));
  });
}

/** What is said of an unknown path; one that differs in slashes alone from a route is told which was meant. */
function nothingAt(path: string, table: readonly Route[]): string {
  const plain = path.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  const routes = [...table.map((route) => route.path), '/verify'];
  const meant = routes.find(
    (known) => known === plain || (known === '/verify' && plain.startsWith('/verify/')),
  );
  return `there is nothing at this path${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

function hook(guard: (request: FastifyRequest, reply: FastifyReply) => boolean) {
  return (request: FastifyRequest, reply: FastifyReply, done: (fault?: Error) => void): void => {
    try {
      if (!guard(request, reply)) return;
    } catch (fault) {
      done(fault instanceof Error ? fault : new Error(String(fault)));
      return;
    }
    done();
  };
}

/**
 * Runs a handler before the body is parsed or its content type checked: with forward auth these belong to
 * another server.
 */
function beforeTheBody(handler: Handler): onRequestHookHandler {
  return (request, reply, done) => {
    try {
      handler(request, reply)?.catch(done);
    } catch (fault) {
      done(fault instanceof Error ? fault : new Error(String(fault)));
    }
  };
}

/** Whether the path is exempt from the host check. */
export function skipsHostCheck(path: string): boolean {
  return FREE_OF_NAMES.has(path);
}

/** Whether the endpoint of a route takes its JSON body as bytes, which are signed. */
export function takesBytes(route: string | undefined): boolean {
  return route === ALERT;
}

/** Whether the path is exempt from the rate limit. */
export function skipsRateLimit(path: string): boolean {
  return FREE_OF_LIMITS.has(path);
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}
