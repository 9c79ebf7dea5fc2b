import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientAddress, plainAddress } from '../http/request/client-address.js';
import { checkGuard, type GuardOptions, guardRequest } from './request-guard.js';
import type { VerifiedCredential } from './verification.js';
import type { SecretVerifier } from './verifier.js';

export type { GuardRefusal } from './guard-refusal.js';
export type { GuardOptions } from './request-guard.js';

declare global {
  namespace Express {
    interface Request {
      /** The credential of the request, set once `requireCredential` has admitted it. */
      credential?: VerifiedCredential;
    }
  }
}

/** A request of Express or Connect; Connect has neither `ip` nor `app`. */
type Guarded = IncomingMessage & {
  ip?: string | undefined;
  app?: { get(setting: string): unknown };
  credential?: VerifiedCredential;
};

/**
 * Middleware for Express, Connect and compatible frameworks: admits requests with a valid API key or access
 * token and sets `request.credential`. Any other request is answered as in RFC 6750 §3.1.
 *
 * @param options.scopes scopes that the secret must cover; one that is not in the catalog is passed to `next`
 *   as an error
 * @param options.onRefused called for each request that is refused, with the reason, for your log
 * @throws CredctlError `usage` when an option is invalid
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
 * The client's address by the application's setting `trust proxy`. Only Express's compiled trust function is
 * used, as Express does not parse nodes with ports. An `ip` set on the request by another middleware takes
 * precedence.
 */
function addressOf(request: Guarded): string {
  const trusts = Object.hasOwn(request, 'ip') ? null : request.app?.get('trust proxy fn');
  return typeof trusts === 'function'
    ? clientAddress(request, (address, hop) => Boolean(trusts(address, hop)))
    : plainAddress(request.ip ?? request.socket.remoteAddress ?? '');
}
