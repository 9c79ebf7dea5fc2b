import { CredctlError } from '../domain/errors.js';
import type { RequestHeaders } from '../http/request/authorization.js';
import { bearerOrApiKey } from '../http/request/bearer.js';
import { bearerDenied, faultAnswer, scopeDenied, type WireAnswer, WireError } from '../http/wire-error.js';
import { type GuardRefusal, refusalOf, tell } from './guard-refusal.js';
import { FETCH_GUARD, GUARD, requireShape, VERIFYING } from './input.js';
import type { Verification, VerifiedCredential } from './verification.js';
import type { SecretVerifier } from './verifier.js';

/** What a guard requires of requests. */
export interface GuardOptions {
  /** Scopes that the secret must cover, all of them. */
  readonly scopes?: readonly string[];
  /** Called for each request that is refused, before it is answered. What it throws is ignored. */
  readonly onRefused?: (refusal: GuardRefusal) => void;
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
  { scopes = [], onRefused }: GuardOptions,
): Promise<GuardVerdict> {
  const refuse = (error: WireError, name: string | null): GuardVerdict => {
    tell(onRefused, refusalOf(error, name, address));
    return { credential: null, answer: error.answer };
  };
  try {
    const { secret } = bearerOrApiKey(request);
    const answer = await verifier.verify(secret, { scopes, address });
    return answer.valid
      ? { credential: answer.credential }
      : refuse(wireErrorOf(answer, secret, scopes), nameIn(answer));
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'usage') throw fault;
    if (fault instanceof WireError) return refuse(fault, null);
    const answer = faultAnswer(fault);
    const { status } = answer;
    tell(onRefused, { reason: 'unavailable', name: null, handle: null, address, status, fault });
    return { credential: null, answer };
  }
}

type Refused = Extract<Verification, { readonly valid: false }>;

function wireErrorOf(answer: Refused, secret: string, scopes: readonly string[]): WireError {
  if (answer.reason === 'insufficient_scope') return scopeDenied(scopes, secret);
  const { reason } = answer;
  return reason === 'throttled'
    ? bearerDenied({ accepted: false, reason, waitMs: answer.retryAfterMs }, secret)
    : bearerDenied({ accepted: false, reason }, secret);
}

function nameIn(answer: Refused): string | null {
  return answer.reason === 'throttled' ? null : (answer.name ?? null);
}
