import type { FastifyRequest } from 'fastify';
import { CredctlError } from '../../domain/errors.js';
import { formatScope, parseRequirement } from '../../domain/scope/scope.js';
import { type Answer, coversAll, denied, type Principal } from '../../usecases/serving/principal.js';
import { thenMaybeSync } from '../../usecases/serving/then-maybe-sync.js';
import { batched, type Handler, type ServerContext } from '../context.js';
import { bearerOrApiKey } from '../request/bearer.js';
import { clientAddress } from '../request/client-address.js';
import { bearerDenied, bearerRequestError, scopeDenied, type WireAnswer, WireError } from '../wire-error.js';

/** Maximum number of required scopes in one request. */
const MOST_SCOPES = 50;
const LONGEST_SCOPE = 512;

/**
 * `/verify`: forward auth for gateways. A positive answer always contains all headers, so that a gateway that
 * copies them overwrites headers sent by the client.
 */
export function forwardAuthEndpoint(context: ServerContext): Handler {
  return batched(context, (request) => {
    const { secret, kinds } = bearerOrApiKey(request.raw);
    const address = clientAddress(request.raw, context.trusts);
    return thenMaybeSync(context.verifier.verify({ secret, kinds, clientId: null, address }), (answer) =>
      decide(context, request, secret, answer),
    );
  });
}

function decide(
  { metrics }: ServerContext,
  request: FastifyRequest,
  secret: string,
  answer: Answer,
): WireAnswer {
  if (!answer.accepted) {
    metrics.countVerification(answer);
    throw bearerDenied(answer, secret);
  }
  const required = requiredScopes(answer, request.query as Readonly<Record<string, unknown>>);
  const isEnough = coversAll(answer, required);
  metrics.countVerification(isEnough ? answer : denied('insufficient_scope'));
  if (!isEnough) throw scopeDenied(required, secret);
  const { credential, scopes } = answer;
  return {
    status: 200,
    headers: {
      'cache-control': 'no-store',
      'x-credential-id': credential.id,
      'x-credential-name': headerValue(credential.name),
      'x-credential-owner': headerValue(credential.owner?.name ?? ''),
      'x-credential-scopes': headerValue(scopes.join(' ')),
    },
    body: null,
  };
}

/** Parameter names, reduced to letters, that indicate a misspelt `scope`. */
const MISTAKEN = /^(?:required)?scopes?$/i;

/**
 * The scopes required by the gateway. Unknown parameters are ignored, except for misspellings such as `scopes`
 * or `scope[0]` without a `scope`: ignoring these would allow every request.
 *
 * @throws WireError for such a name, and for a scope that is not in the catalog
 */
function requiredScopes({ catalog }: Principal, query: Readonly<Record<string, unknown>>): readonly string[] {
  const given = query['scope'];
  if (given === undefined) {
    if (!Object.keys(query).some((name) => MISTAKEN.test(name.replace(/[^a-z]/gi, '')))) return [];
    throw new WireError(bearerRequestError('name a required scope with the parameter scope'));
  }
  const scopes = [...new Set([given].flat())];
  // Limits the cost of computing suggestions for long texts.
  if (scopes.length > MOST_SCOPES || scopes.some((scope) => String(scope).length > LONGEST_SCOPE)) {
    throw new WireError(bearerRequestError('too many scopes are required'));
  }
  try {
    return scopes.map((scope) => formatScope(parseRequirement(catalog, String(scope))));
  } catch (fault) {
    if (!(fault instanceof CredctlError) || fault.code !== 'usage') throw fault;
    throw new WireError(
      bearerRequestError(
        scopes.some((scope) => /\s/.test(String(scope)))
          ? 'a required scope contains white space: repeat scope= for each scope'
          : describe(fault),
      ),
    );
  }
}

/** Messages quote what is not of the catalog; such text is not sent back, nor what `error_description` cannot hold (RFC 6750 §3). */
function describe({ message }: CredctlError): string {
  return /^[ !#-[\]-~]+$/.test(message) ? message : 'the required scope is not in the catalog';
}

/** Percent-encodes what HTTP forbids in a header value: names are ASCII, ids in a catalog need not be. */
function headerValue(text: string): string {
  return text.replace(/[^ -~]/gu, encodeURIComponent);
}
