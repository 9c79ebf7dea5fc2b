import { sendJson } from '../answer.js';
import type { Handler, ServerContext } from '../context.js';
import { issuerOf } from '../issuer.js';
import { GRANTS } from './grants.js';

const AUTHENTICATION_METHODS = ['client_secret_basic', 'client_secret_post'];

/**
 * `GET /.well-known/oauth-authorization-server`: authorization server metadata (RFC 8414). A type of access tokens, such as
 * `Bearer`, among the methods of introspection stands for a caller that authenticates by one (§2).
 */
export function metadataEndpoint(context: ServerContext): Handler {
  return (request, reply) => {
    const issuer = issuerOf(context, request);
    sendJson(reply, {
      issuer,
      token_endpoint: `${issuer}/oauth/v1/token`,
      token_endpoint_auth_methods_supported: AUTHENTICATION_METHODS,
      grant_types_supported: [...GRANTS.keys()],
      response_types_supported: [],
      introspection_endpoint: `${issuer}/oauth/v1/introspect`,
      introspection_endpoint_auth_methods_supported: [...AUTHENTICATION_METHODS, 'Bearer'],
      revocation_endpoint: `${issuer}/oauth/v1/revoke`,
      revocation_endpoint_auth_methods_supported: AUTHENTICATION_METHODS,
    });
    return undefined;
  };
}
