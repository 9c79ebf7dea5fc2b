import type { IncomingMessage } from 'node:http';
import { CredctlError } from '../domain/errors.js';
import { bearerOrApiKey } from '../http/request/bearer.js';
import { bearerDenied, faultAnswer, insufficientScope, type WireAnswer } from '../http/wire-error.js';
import { GUARD, requireShape, VERIFYING } from './input.js';
import type { SecretVerifier, VerifiedCredential } from './verifier.js';

/** What requests must be good for. */
export interface GuardOptions {
  /** Scopes that the secret must cover, all of them. */
  readonly scopes?: readonly string[];
}

/** Lets a request pass with its credential, or says how to answer it instead. */
export type GuardVerdict =
  | { readonly credential: VerifiedCredential }
  | { readonly credential: null; readonly answer: WireAnswer };

/** @throws CredctlError `usage` when a guard of these would let through what it should not, or nothing at all */
export function checkGuard(verifier: SecretVerifier, options: GuardOptions): void {
  requireShape(VERIFYING, verifier, 'verifier');
  requireShape(GUARD, options, 'options');
}

/**
 * Looks for an API key or access token in `Authorization: Bearer` (RFC 6750 §2.1) or `X-API-Key`, and verifies it. All
 * that is wrong with a secret is answered alike; a missing scope with 403, too many wrong secrets with 429, and a
 * store that cannot be read with 503.
 *
 * @throws CredctlError `usage` when a scope of the options is not in the catalog
 */
export async function guardRequest(
  verifier: SecretVerifier,
  request: IncomingMessage,
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
        ? { granted: false as const, reason: answer.reason, waitMs: answer.retryAfterMs }
        : { granted: false as const, reason: answer.reason };
    return refusal(bearerDenied(denial, secret).answer);
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'usage') throw fault;
    return refusal(faultAnswer(fault));
  }
}

function refusal(answer: WireAnswer): GuardVerdict {
  return { credential: null, answer };
}
