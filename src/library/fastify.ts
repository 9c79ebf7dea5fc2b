import type { IncomingMessage } from 'node:http';
import { forwardedAddresses, plainAddress } from '../http/request/client-address.js';
import { checkGuard, type GuardOptions, guardRequest } from './request-guard.js';
import type { SecretVerifier, VerifiedCredential } from './verifier.js';

export type { GuardOptions } from './request-guard.js';

/** What is used of a Fastify request. */
interface Guarded {
  readonly raw: IncomingMessage;
  readonly ip: string;
}

/** What is used of a Fastify reply. */
interface Reply {
  code(status: number): unknown;
  headers(headers: Record<string, string>): unknown;
  send(body?: unknown): unknown;
}

const CREDENTIALS = new WeakMap<IncomingMessage, VerifiedCredential>();

/**
 * A hook for Fastify: a request passes with a good API key or access token, and {@link credentialOf} says whose it is.
 * Any other request is answered as RFC 6750 §3.1 has it.
 *
 * @param options.scopes what the secret must cover; a scope that the catalog lacks is an error of the route
 * @throws CredctlError `usage` when an option is none
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
 * Whose secret the request came with.
 *
 * @throws TypeError when no {@link requireCredential} has let it pass
 * @example
 * app.get('/me', async (request) => ({ name: credentialOf(request).name }));
 */
export function credentialOf(request: Pick<Guarded, 'raw'>): VerifiedCredential {
  const credential = CREDENTIALS.get(request.raw);
  if (credential === undefined) throw new TypeError('no requireCredential hook has let this request pass');
  return credential;
}

/**
 * The client's address by the server's setting `trustProxy`. Fastify takes nodes with ports for no addresses, so its
 * getter is asked about the same request with the plain addresses in the header.
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
