import { z } from 'zod';

/** What a file of Traefik's dynamic configuration must be: every key in it is one that Traefik documents. */
export const traefikShape = z.strictObject({
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

/** A list of names, as Envoy's ListStringMatcher has it. */
export const patterns = z.strictObject({
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
    // In this order: the client's headers are removed before the authorization request.
    http_filters: z.tuple([headerMutation, extAuthz, filter('http.router', 'http.router.v3.Router', {})]),
  },
);

/** What Envoy's configuration must be: every key in it is one that Envoy documents. */
export const envoyShape = z.strictObject({
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
