import type { FastifyRequest } from 'fastify';
import type { IssuedToken } from '../../usecases/serving/issue-token.js';
import { denied } from '../../usecases/serving/principal.js';
import { thenMaybeSync } from '../../usecases/serving/then-maybe-sync.js';
import type { ServerContext } from '../context.js';
import { authenticateClient } from '../request/authenticated-client.js';
import { clientCredentials } from '../request/client-auth.js';
import type { Parameters } from '../request/parameters.js';
import { clientDenied, good, oauthError, type WireAnswer, WireError } from '../wire-error.js';

/** An OAuth 2.0 grant type (RFC 6749 §1.3). */
export interface Grant {
  /** Parameters besides `grant_type` and the client's credentials. */
  readonly parameters: readonly string[];
  /**
   * Answers a token request.
   *
   * @throws WireError as in RFC 6749 §5.2
   */
  answer(
    context: ServerContext,
    request: FastifyRequest,
    parameters: Parameters,
  ): WireAnswer | Promise<WireAnswer>;
}

/** Client credentials grant (RFC 6749 §4.4). `audience` and `resource` are accepted and ignored. */
const clientCredentialsGrant: Grant = {
  parameters: ['scope', 'audience', 'resource'],
  answer(context, request, parameters) {
    const credentials = clientCredentials(request.raw, parameters);
    const authenticated = authenticateClient(context, request, credentials);
    return thenMaybeSync(authenticated, async (client) => {
      const scope = parameters.get('scope');
      const issued = await context.tokenIssuer.issue(client, scope);
      if (issued === 'invalid_scope') throw new WireError(oauthError(issued, scopeFault(scope ?? '')));
      if (issued === 'invalid_client') throw clientDenied(denied('version_retired'), credentials);
      context.metrics.tokensIssued += 1;
      return described(issued);
    });
  },
};

/** Supported grants by `grant_type`. */
export const GRANTS: ReadonlyMap<string, Grant> = new Map([['client_credentials', clientCredentialsGrant]]);

/** RFC 6749 §3.3: one space between scopes. Any other white space is hard to see. */
function scopeFault(scope: string): string | undefined {
  return /^\s|\s$|\s\s|[^\S ]/.test(scope)
    ? 'scope has extra white space: put one space between scopes, and none at the ends'
    : undefined;
}

/** Access token response (RFC 6749 §5.1). */
function described({ accessToken, expiresIn, scopes }: IssuedToken): WireAnswer {
  return good({
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresIn,
    scope: scopes.join(' '),
  });
}
