import { isIP } from 'node:net';
import { parseNetwork } from '../domain/text/network.js';
import { clientAddress, type Trust, trustIn } from '../http/request/client-address.js';
import type { WireAnswer } from '../http/wire-error.js';
import { ADDRESS, FETCH_REQUEST, requireShape } from './input.js';
import { checkFetchGuard, type GuardOptions, guardRequest } from './request-guard.js';
import type { VerifiedCredential } from './verification.js';
import type { SecretVerifier } from './verifier.js';

export type { GuardRefusal } from './guard-refusal.js';
export type { GuardOptions } from './request-guard.js';

/** What a guard for requests of the Fetch standard requires of them. */
export interface FetchGuardOptions extends GuardOptions {
  /**
   * Addresses and CIDR blocks of the proxies whose `X-Forwarded-For` is believed, such as `['10.0.0.0/8']`; none by
   * default.
   */
  readonly trustProxy?: readonly string[];
}

/** The used part of a `Request` (Fetch standard §5.4). */
export interface FetchRequest {
  readonly headers: { get(name: string): string | null };
}

/** Admits a request with its credential, or contains the response to send instead. */
export type Admission =
  | { readonly credential: VerifiedCredential; readonly response: null }
  | { readonly credential: null; readonly response: Response };

/**
 * A guard for servers whose handlers take a `Request` and return a `Response`, as Hono, Next.js, Deno and Bun do:
 * admits requests with a valid API key or access token. Any other request gets a response as in RFC 6750 §3.1.
 *
 * The guard takes the address of the connection's peer, which a `Request` does not have; without it, wrong secrets
 * are not throttled.
 *
 * @param options.scopes scopes that the secret must cover; one that is not in the catalog makes the guard reject
 * @param options.onRefused called for each request that is refused, with the reason, for your log
 * @throws CredctlError `usage` when an option is invalid
 * @example
 * const guard = requireCredential(verifier, { scopes: ['data:users'] });
 * Deno.serve(async (request, { remoteAddr }) => {
 *   const { credential, response } = await guard(request, remoteAddr.hostname);
 *   return response ?? new Response(`hello ${credential.name}\n`);
 * });
 */
export function requireCredential(
  verifier: SecretVerifier,
  options: FetchGuardOptions = {},
): (request: FetchRequest, address?: string) => Promise<Admission> {
  checkFetchGuard(verifier, options);
  const { trustProxy = [], ...required } = options;
  const trusts = trustIn(trustProxy.map((network) => parseNetwork(network, isIP)));
  return async (request, address) => {
    requireShape(FETCH_REQUEST, request, 'request');
    requireShape(ADDRESS, address, 'address');
    const { headers } = request;
    const presented = presentedHeaders(headers);
    const client = address === undefined ? '' : clientOf(headers, address, trusts);
    const verdict = await guardRequest(verifier, presented, client, required);
    return verdict.credential === null
      ? { credential: null, response: responseOf(verdict.answer) }
      : { credential: verdict.credential, response: null };
  };
}

/** The headers in the form of `node:http`. Repeated ones are joined in a `Request`, so that they name no secret. */
function presentedHeaders(headers: FetchRequest['headers']) {
  const [authorization, apiKey] = [headers.get('authorization'), headers.get('x-api-key')];
  return {
    rawHeaders: [],
    headers: {
      ...(authorization === null ? {} : { authorization }),
      ...(apiKey === null ? {} : { 'x-api-key': apiKey }),
    },
  };
}

function clientOf(headers: FetchRequest['headers'], address: string, trusts: Trust): string {
  const forwarded = headers.get('x-forwarded-for');
  return clientAddress(
    {
      headers: forwarded === null ? {} : { 'x-forwarded-for': forwarded },
      socket: { remoteAddress: address },
    },
    trusts,
  );
}

function responseOf({ status, headers, body }: WireAnswer): Response {
  return new Response(body === null ? null : JSON.stringify(body), {
    status,
    headers: { ...headers, ...(body === null ? {} : { 'content-type': 'application/json' }) },
  });
}
