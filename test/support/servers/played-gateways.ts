import { parse } from 'yaml';
import type { z } from 'zod';
import { exampleOf } from '../build/page.js';
import { envoyShape, type patterns, traefikShape } from './gateway-shapes.js';
import type { Answered } from './server.js';

/** A request of a client, as it reaches a gateway. */
export interface ClientRequest {
  readonly method: string;
  /** Path and query. */
  readonly uri: string;
  readonly host: string;
  /** The address that the connection comes from. */
  readonly peer: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a gateway asks of credctl. */
export interface Question {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What becomes of a request: passed on with these headers, or answered with a status. */
export type Outcome =
  | { readonly passedOn: Readonly<Record<string, string>> }
  | { readonly status: number; readonly headers: Readonly<Record<string, string>> };

/** A gateway's part in forward auth, as its documentation describes it, with the configuration of docs/gateways-traefik-envoy.md. */
export interface PlayedGateway {
  readonly name: string;
  /** What it asks, and what it does with the answer; an outcome for what it refuses by itself. */
  receive(
    request: ClientRequest,
  ): Outcome | { readonly question: Question; readonly decide: (answer: Answered) => Outcome };
}

/** Where Envoy itself is: it adds that to what it asks. */
const ENVOY = '127.0.0.1';

const DOCUMENT = 'docs/gateways-traefik-envoy.md';

/** Traefik's ForwardAuth, and the headers that it manages itself. */
export function playedTraefik(): PlayedGateway {
  const { http } = traefikShape.parse(parse(exampleOf(DOCUMENT, 'api.yaml')));
  const { forwardAuth } = http.middlewares.credctl;
  const copied = new RegExp(forwardAuth.authResponseHeadersRegex.replace('(?i)', ''), 'i');
  const removed = Object.keys(http.middlewares['without-secrets'].headers.customRequestHeaders);
  const address = new URL(forwardAuth.address);
  return {
    name: 'Traefik',
    receive({ method, uri, host, peer, headers }) {
      const forwarded = {
        'x-forwarded-for': peer,
        'x-forwarded-proto': 'http',
        'x-forwarded-host': host,
      };
      const taken = without(headers, (name) => name.startsWith('x-forwarded-'));
      const asked = forwardAuth.authRequestHeaders.map((name) => name.toLowerCase());
      const question = {
        method: 'GET',
        path: `${address.pathname}${address.search}`,
        headers: {
          host: address.host,
          'user-agent': 'Go-http-client/1.1',
          'accept-encoding': 'gzip',
          ...without(taken, (name) => !asked.includes(name)),
          ...forwarded,
          'x-forwarded-method': method,
          'x-forwarded-uri': uri,
        },
      };
      return {
        question,
        decide(answer) {
          if (answer.status < 200 || answer.status > 299) return denied(answer, () => true);
          const passedOn = {
            ...without(taken, (name) => copied.test(name)),
            ...without(answered(answer), (name) => !copied.test(name)),
            ...forwarded,
          };
          const order = http.routers.api.middlewares;
          if (order.indexOf('without-secrets') < order.indexOf('credctl')) throw new Error('asked too late');
          return {
            passedOn: without(passedOn, (name) => removed.some((each) => each.toLowerCase() === name)),
          };
        },
      };
    },
  };
}

/** Envoy's ext_authz over HTTP, between the filters that the configuration puts around it. */
export function playedEnvoy(): PlayedGateway {
  const { listeners } = envoyShape.parse(parse(exampleOf(DOCUMENT, 'envoy.yaml'))).static_resources;
  const { route_config, http_filters } = listeners[0].filter_chains[0].filters[0].typed_config;
  const [mutation, authz] = http_filters;
  const { allowed_headers, http_service } = authz.typed_config;
  const { allowed_upstream_headers: upstream, allowed_client_headers: client } =
    http_service.authorization_response;
  return {
    name: 'Envoy',
    receive({ method, uri, host, peer, headers }) {
      if (Object.keys(headers).some((name) => name.includes('_'))) return { status: 400, headers: {} };
      let taken: Readonly<Record<string, string>> = {
        ...headers,
        'x-forwarded-for': [headers['x-forwarded-for'], peer].filter(Boolean).join(','),
        'x-forwarded-proto': 'http',
      };
      for (const each of mutation.typed_config.mutations.request_mutations) {
        taken =
          'remove' in each
            ? without(taken, (name) => name === each.remove)
            : { ...taken, [each.append.header.key]: peer };
      }
      const asked = without(taken, (name) => name !== 'authorization' && !matches(allowed_headers, name));
      const question = {
        method,
        path: `${http_service.path_prefix}${uri}`,
        headers: {
          ...asked,
          host,
          'content-length': '0',
          'x-envoy-internal': 'true',
          'x-forwarded-for': `${asked['x-forwarded-for'] ?? ''},${ENVOY}`,
        },
      };
      return {
        question,
        decide(answer) {
          if (answer.status >= 500) return { status: 503, headers: {} };
          if (answer.status !== 200) return denied(answer, (name) => matches(client, name));
          const passedOn = { ...taken, ...without(answered(answer), (name) => !matches(upstream, name)) };
          return {
            passedOn: without(passedOn, (name) => route_config.request_headers_to_remove.includes(name)),
          };
        },
      };
    },
  };
}

function matches({ patterns: list }: z.output<typeof patterns>, name: string): boolean {
  return list.some((each) => ('exact' in each ? name === each.exact : name.startsWith(each.prefix)));
}

function without(
  headers: Readonly<Record<string, string>>,
  isRemoved: (name: string) => boolean,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isRemoved(name)));
}

function answered({ headers }: Answered): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function denied(answer: Answered, isShown: (name: string) => boolean): Outcome {
  return { status: answer.status, headers: without(answered(answer), (name) => !isShown(name)) };
}
