import { batched, type Handler, type ServerContext } from '../context.js';
import { parametersOf } from '../request/oauth-request.js';
import type { Parameters } from '../request/parameters.js';
import { oauthError, WireError } from '../wire-error.js';
import { GRANTS, type Grant } from './grants.js';

const PARAMETERS = [
  'grant_type',
  ...new Set(Array.from(GRANTS.values(), ({ parameters }) => parameters).flat()),
];

/** `POST /oauth/v1/token`: token endpoint (RFC 6749 §3.2). */
export function tokenEndpoint(context: ServerContext): Handler {
  return batched(context, (request) => {
    const parameters = parametersOf(request, PARAMETERS);
    return grantIn(parameters).answer(context, request, parameters);
  });
}

function grantIn(parameters: Parameters): Grant {
  const grantType = parameters.get('grant_type');
  if (grantType === null) throw new WireError(oauthError('invalid_request', 'grant_type is missing'));
  const grant = GRANTS.get(grantType);
  if (grant === undefined) throw new WireError(oauthError('unsupported_grant_type'));
  return grant;
}
