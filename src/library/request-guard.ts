import { CredctlError } from '../domain/errors.js';
import type { RequestHeaders } from '../http/request/authorization.js';
import { bearerOrApiKey } from '../http/request/bearer.js';
import { bearerDenied, faultAnswer, insufficientScope, type WireAnswer } from '../http/wire-error.js';
import { FETCH_GUARD, GUARD, requireShape, VERIFYING } from './input.js';
import type { SecretVerifier, VerifiedCredential } from './verifier.js';

/** What a guard requires of requests. */
export interface GuardOptions {
  /** Scopes that the secret must cover, all of them. */
  readonly scopes?: readonly string[];
}

/** Admits a request with its credential, or contains the answer to send instead. */
export type GuardVerdict =
  | { readonly credential: VerifiedCredential }
  | { readonly credential: null; readonly answer: WireAnswer };

/**
 * Validates the arguments of a guard.
 *
 * @throws CredctlError `usage` when they would admit too much, or nothing at all
 */
export function checkGuard(verifier: SecretVerifier, options: GuardOptions): void {
  requireShape(VERIFYING, verifier, 'verifier');
  requireShape(GUARD, options, 'options');
}

/** As {@link checkGuard}, for a guard that also takes the networks of trusted proxies. */
export function checkFetchGuard(verifier: SecretVerifier, options: GuardOptions): void {
  requireShape(VERIFYING, verifier, 'verifier');
  requireShape(FETCH_GUARD, options, 'options');
}

/**
 * Verifies the API key or access token in `Authorization: Bearer` (RFC 6750 §2.1) or `X-API-Key`. All refused
 * secrets get the same answer; a missing scope gets 403, throttling 429, an unavailable store 503.
 *
 * @throws CredctlError `usage` when a scope of the options is not in the catalog
 */
export async function guardRequest(
  verifier: SecretVerifier,
  request: RequestHeaders,
  address: string,
  { scopes = [] }: GuardOptions,
): Promise<GuardVerdict> {
  try {
    const { secret } = bearerOrApiKey(request);
    const answer = await verifier.verify(secret, { scopes, address });
    if (answer.valid) return { credential: answer.credential };
    if (answer.reason === 'insufficient_scope') return refusal(insufficientScope(scopes));
    const denial =
      answer.reason === 'throttled'
        ? { accepted: false as const, reason: answer.reason, waitMs: answer.retryAfterMs }
        : { accepted: false as const, reason: answer.reason };
    return refusal(bearerDenied(denial, secret).answer);
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'usage') throw fault;
    return refusal(faultAnswer(fault));
  }
}

function refusal(answer: WireAnswer): GuardVerdict {
  return { credential: null, answer };
}
