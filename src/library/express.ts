import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientAddress, plainAddress } from '../http/request/client-address.js';
import { checkGuard, type GuardOptions, guardRequest } from './request-guard.js';
import type { SecretVerifier, VerifiedCredential } from './verifier.js';

export type { GuardOptions } from './request-guard.js';

declare global {
  namespace Express {
    interface Request {
      /** Whose secret the request came with, once `requireCredential` has let it pass. */
      credential?: VerifiedCredential;
    }
  }
}

/** A request that may come with a credential; Connect knows neither `ip` nor `app`. */
type Guarded = IncomingMessage & {
  ip?: string | undefined;
  app?: { get(setting: string): unknown };
  credential?: VerifiedCredential;
};

/**
 * Middleware for Express, Connect and whatever else speaks their language: a request passes with a good API key or
 * access token, and `request.credential` says whose it is. Any other request is answered as RFC 6750 §3.1 has it.
 *
 * @param options.scopes what the secret must cover; a scope that the catalog lacks is passed on as an error
 * @throws CredctlError `usage` when an option is none
 * @example
 * app.use('/users', requireCredential(verifier, { scopes: ['data:users'] }));
 */
export function requireCredential(
  verifier: SecretVerifier,
  options: GuardOptions = {},
): (request: Guarded, response: ServerResponse, next: (fault?: unknown) => void) => void {
  checkGuard(verifier, options);
  return (request, response, next) => {
    guardRequest(verifier, request, addressOf(request), options).then((verdict) => {
      if (verdict.credential !== null) {
        request.credential = verdict.credential;
        next();
        return;
      }
      const { status, headers, body } = verdict.answer;
      response.writeHead(status, {
        ...headers,
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      });
      response.end(body === null ? undefined : JSON.stringify(body));
    }, next);
  };
}

/**
 * The client's address by the application's setting `trust proxy`. Express compiles that into a function of its own, but
 * takes nodes with ports for no addresses. An `ip` that another middleware has put on the request rules.
 */
function addressOf(request: Guarded): string {
  const trusts = Object.hasOwn(request, 'ip') ? null : request.app?.get('trust proxy fn');
  return typeof trusts === 'function'
    ? clientAddress(request, (address, hop) => Boolean(trusts(address, hop)))
    : plainAddress(request.ip ?? request.socket.remoteAddress ?? '');
}
