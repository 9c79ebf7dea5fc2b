import type { FastifyRequest } from 'fastify';
import { CredctlError } from '../../domain/errors.js';
import { formatScope, parseRequirement } from '../../domain/scope/scope.js';
import { type Answer, coversAll, denied, type Principal } from '../../usecases/serving/principal.js';
import { thenMaybeSync } from '../../usecases/serving/then-maybe-sync.js';
import { batched, type Handler, type ServerContext } from '../context.js';
import { bearerOrApiKey } from '../request/bearer.js';
import { clientAddress } from '../request/client-address.js';
import {
  bearerDenied,
  bearerRequestError,
  insufficientScope,
  type WireAnswer,
  WireError,
} from '../wire-error.js';

/** Required at once; a gateway has a few. */
const MOST_SCOPES = 50;
const LONGEST_SCOPE = 512;

/**
 * `/verify`: answers a gateway that asks whether a request may pass. The headers of a good answer are always all there,
 * so that a gateway that copies them never lets through what the client itself has put into one.
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
  if (!answer.granted) {
    metrics.countVerification(answer);
    throw bearerDenied(answer, secret);
  }
  const required = requiredScopes(answer, request.query as Readonly<Record<string, unknown>>);
  const isEnough = coversAll(answer, required);
  metrics.countVerification(isEnough ? answer : denied('insufficient_scope'));
  if (!isEnough) {
    throw new WireError(insufficientScope(required), { reason: 'insufficient_scope', handle: null });
  }
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

/** Names, as far as they are letters, by which a gateway that is configured by hand may ask for a scope in vain. */
const MISTAKEN = /^(?:required)?scopes?$/i;

/**
 * What a gateway adds besides is its own business, but where it requires no scope and says `scopes`, or `scope[0]`, that is a
 * mistake which would let everybody through.
 *
 * @throws WireError then, and when the gateway asks for a scope that there is not
 */
function requiredScopes({ catalog }: Principal, query: Readonly<Record<string, unknown>>): readonly string[] {
  const given = query['scope'];
  if (given === undefined) {
    if (!Object.keys(query).some((name) => MISTAKEN.test(name.replace(/[^a-z]/gi, '')))) return [];
    throw new WireError(bearerRequestError('a required scope is called scope'));
  }
  const scopes = [...new Set([given].flat())];
  // Looking for what a long text may have meant would take long.
  if (scopes.length > MOST_SCOPES || scopes.some((scope) => String(scope).length > LONGEST_SCOPE)) {
    throw new WireError(bearerRequestError('too much is required'));
  }
  try {
    return scopes.map((scope) => formatScope(parseRequirement(catalog, String(scope))));
  } catch (fault) {
    if (!(fault instanceof CredctlError) || fault.code !== 'usage') throw fault;
    throw new WireError(bearerRequestError('the required scope is not in the catalog'));
  }
}

/** What HTTP lets into a header: names are plain anyway, the ids in a catalog need not be. */
function headerValue(text: string): string {
  return text.replace(/[^ -~]/gu, encodeURIComponent);
}
