import type { IncomingMessage } from 'node:http';
import { forwardedAddresses, plainAddress } from '../http/request/client-address.js';
import { checkGuard, type GuardOptions, guardRequest } from './request-guard.js';
import type { VerifiedCredential } from './verification.js';
import type { SecretVerifier } from './verifier.js';

export type { GuardRefusal } from './guard-refusal.js';
export type { GuardOptions } from './request-guard.js';

/** The used part of a Fastify request. */
interface Guarded {
  readonly raw: IncomingMessage;
  readonly ip: string;
}

/** The used part of a Fastify reply. */
interface Reply {
  code(status: number): unknown;
  headers(headers: Record<string, string>): unknown;
  send(body?: unknown): unknown;
}

const CREDENTIALS = new WeakMap<IncomingMessage, VerifiedCredential>();

/**
 * A hook for Fastify: admits requests with a valid API key or access token, whose credential
 * {@link credentialOf} returns. Any other request is answered as in RFC 6750 §3.1.
 *
 * @param options.scopes scopes that the secret must cover; one that is not in the catalog is an error of the
 *   route
 * @param options.onRefused called for each request that is refused, with the reason, for your log
 * @throws CredctlError `usage` when an option is invalid
 * @example
 * app.addHook('onRequest', requireCredential(verifier));
 * app.get('/users', { onRequest: requireCredential(verifier, { scopes: ['data:users'] }) }, handler);
 */
export function requireCredential(
  verifier: SecretVerifier,
  options: GuardOptions = {},
): (request: Guarded, reply: Reply) => Promise<unknown> {
  checkGuard(verifier, options);
  return async (request, reply) => {
    const verdict = await guardRequest(verifier, request.raw, addressOf(request), options);
    if (verdict.credential !== null) {
      CREDENTIALS.set(request.raw, verdict.credential);
      return undefined;
    }
    const { status, headers, body } = verdict.answer;
    reply.code(status);
    reply.headers({ ...headers });
    reply.send(body ?? undefined);
    return reply;
  };
}

/**
 * The credential of a request that {@link requireCredential} has admitted.
 *
 * @throws TypeError when no such hook has admitted it
 * @example
 * app.get('/me', async (request) => ({ name: credentialOf(request).name }));
 */
export function credentialOf(request: Pick<Guarded, 'raw'>): VerifiedCredential {
  const credential = CREDENTIALS.get(request.raw);
  if (credential === undefined) throw new TypeError('no requireCredential hook has let this request pass');
  return credential;
}

/**
 * The client's address by the server's setting `trustProxy`. Fastify does not parse nodes with ports, so its
 * getter is called on a derived request with plain addresses in the header.
 */
function addressOf(request: Guarded): string {
  const { headers, socket } = request.raw;
  const forwarded = headers['x-forwarded-for'];
  if (typeof forwarded !== 'string') return plainAddress(request.ip);
  const plain = [...forwardedAddresses(forwarded)].reverse().join(', ');
  const raw = { socket, headers: { 'x-forwarded-for': plain } };
  const asked: Pick<Guarded, 'ip'> = Object.create(request, { raw: { value: raw } });
  return plainAddress(asked.ip);
}
