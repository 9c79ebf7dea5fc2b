import { parse } from 'yaml';
import { z } from 'zod';
import { exampleOf } from './document.js';
import type { Answered } from './server.js';

/** A request of a client, as it reaches a gateway. */
export interface ClientRequest {
  readonly method: string;
  /** Path and query. */
  readonly uri: string;
  readonly host: string;
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

/** A gateway's part in forward auth, as its documentation describes it, with the configuration of docs/gateways.md. */
export interface PlayedGateway {
  readonly name: string;
  /** What it asks, and what it does with the answer; an outcome for what it refuses by itself. */
  receive(
    request: ClientRequest,
  ): Outcome | { readonly question: Question; readonly decide: (answer: Answered) => Outcome };
}

const PEER = '127.0.0.1';

const DOCUMENT = 'docs/gateways.md';

const traefikShape = z.strictObject({
  http: z.strictObject({
    routers: z.strictObject({
      api: z.strictObject({
        rule: z.literal('PathPrefix(`/api`)'),
        entryPoints: z.tuple([z.literal('web')]),
        middlewares: z.array(z.string()),
        service: z.literal('backend'),
      }),
    }),
    middlewares: z.strictObject({
      credctl: z.strictObject({
        forwardAuth: z.strictObject({
          address: z.url(),
          trustForwardHeader: z.literal(false),
          authRequestHeaders: z.array(z.string()),
          authResponseHeadersRegex: z.string(),
        }),
      }),
      'without-secrets': z.strictObject({
        headers: z.strictObject({ customRequestHeaders: z.record(z.string(), z.literal('')) }),
      }),
    }),
    services: z.strictObject({
      backend: z.strictObject({
        loadBalancer: z.strictObject({ servers: z.array(z.strictObject({ url: z.url() })).length(1) }),
      }),
    }),
  }),
});

/** Nothing here trusts the forwarded headers of a client. */
export const traefikStaticShape = z.strictObject({
  entryPoints: z.strictObject({ web: z.strictObject({ address: z.literal('127.0.0.1:8088') }) }),
  providers: z.strictObject({ file: z.strictObject({ filename: z.literal('api.yaml') }) }),
});

/** Traefik's ForwardAuth, and the headers that it manages itself. */
export function playedTraefik(): PlayedGateway {
  const { http } = traefikShape.parse(parse(exampleOf(DOCUMENT, 'api.yaml')));
  const { forwardAuth } = http.middlewares.credctl;
  const copied = new RegExp(forwardAuth.authResponseHeadersRegex.replace('(?i)', ''), 'i');
  const removed = Object.keys(http.middlewares['without-secrets'].headers.customRequestHeaders);
  const address = new URL(forwardAuth.address);
  return {
    name: 'Traefik',
    receive({ method, uri, host, headers }) {
      const forwarded = {
        'x-forwarded-for': PEER,
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

const patterns = z.strictObject({
  patterns: z.array(z.union([z.strictObject({ exact: z.string() }), z.strictObject({ prefix: z.string() })])),
});

const filter = <Shape extends z.ZodRawShape>(name: string, type: string, shape: Shape) =>
  z.strictObject({
    name: z.literal(`envoy.filters.${name}`),
    typed_config: z.strictObject({
      '@type': z.literal(`type.googleapis.com/envoy.extensions.filters.${type}`),
      ...shape,
    }),
  });

const address = (port: number) =>
  z.strictObject({
    socket_address: z.strictObject({ address: z.literal('127.0.0.1'), port_value: z.literal(port) }),
  });

const cluster = (name: string, port: number) =>
  z.strictObject({
    name: z.literal(name),
    type: z.literal('STATIC'),
    load_assignment: z.strictObject({
      cluster_name: z.literal(name),
      endpoints: z.tuple([
        z.strictObject({
          lb_endpoints: z.tuple([z.strictObject({ endpoint: z.strictObject({ address: address(port) }) })]),
        }),
      ]),
    }),
  });

const headerMutation = filter('http.header_mutation', 'http.header_mutation.v3.HeaderMutation', {
  mutations: z.strictObject({
    request_mutations: z.array(
      z.union([
        z.strictObject({ remove: z.string() }),
        z.strictObject({
          append: z.strictObject({
            header: z.strictObject({
              key: z.literal('x-forwarded-for'),
              value: z.literal('%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%'),
            }),
            append_action: z.literal('OVERWRITE_IF_EXISTS_OR_ADD'),
          }),
        }),
      ]),
    ),
  }),
});

const extAuthz = filter('http.ext_authz', 'http.ext_authz.v3.ExtAuthz', {
  status_on_error: z.strictObject({ code: z.literal('ServiceUnavailable') }),
  allowed_headers: patterns,
  http_service: z.strictObject({
    server_uri: z.strictObject({ uri: z.url(), cluster: z.literal('credctl'), timeout: z.literal('5s') }),
    path_prefix: z.string().startsWith('/'),
    authorization_response: z.strictObject({
      allowed_upstream_headers: patterns,
      allowed_client_headers: patterns,
    }),
  }),
});

const connectionManager = filter(
  'network.http_connection_manager',
  'network.http_connection_manager.v3.HttpConnectionManager',
  {
    stat_prefix: z.string().min(1),
    use_remote_address: z.literal(true),
    normalize_path: z.literal(true),
    merge_slashes: z.literal(true),
    common_http_protocol_options: z.strictObject({
      headers_with_underscores_action: z.literal('REJECT_REQUEST'),
    }),
    route_config: z.strictObject({
      request_headers_to_remove: z.array(z.string()),
      virtual_hosts: z.tuple([
        z.strictObject({
          name: z.string().min(1),
          domains: z.tuple([z.literal('*')]),
          routes: z.tuple([
            z.strictObject({
              match: z.strictObject({ prefix: z.literal('/api/') }),
              route: z.strictObject({ cluster: z.literal('backend') }),
            }),
          ]),
        }),
      ]),
    }),
    // In this order: what a client says is gone before anybody is asked.
    http_filters: z.tuple([headerMutation, extAuthz, filter('http.router', 'http.router.v3.Router', {})]),
  },
);

const envoyShape = z.strictObject({
  static_resources: z.strictObject({
    listeners: z.tuple([
      z.strictObject({
        name: z.string().min(1),
        address: address(8088),
        filter_chains: z.tuple([z.strictObject({ filters: z.tuple([connectionManager]) })]),
      }),
    ]),
    clusters: z.tuple([cluster('backend', 3000), cluster('credctl', 8080)]),
  }),
});

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
    receive({ method, uri, host, headers }) {
      if (Object.keys(headers).some((name) => name.includes('_'))) return { status: 400, headers: {} };
      let taken: Readonly<Record<string, string>> = {
        ...headers,
        'x-forwarded-for': [headers['x-forwarded-for'], PEER].filter(Boolean).join(','),
        'x-forwarded-proto': 'http',
      };
      for (const each of mutation.typed_config.mutations.request_mutations) {
        taken =
          'remove' in each
            ? without(taken, (name) => name === each.remove)
            : { ...taken, [each.append.header.key]: PEER };
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
          'x-forwarded-for': `${asked['x-forwarded-for'] ?? ''},${PEER}`,
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
