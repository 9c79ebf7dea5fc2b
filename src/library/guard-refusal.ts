import type { WireError } from '../http/wire-error.js';

/** A request that a guard has refused, for your log. It never contains the secret. */
export interface GuardRefusal {
  /**
   * Why, which the client is not told: as a `Verification` has it; `no_credentials` and `unsupported_scheme` for a
   * request without a secret, or words about a malformed header; `unavailable` when the secret could not be examined.
   */
  readonly reason: string;
  /** The name of the credential where the secret was right; null otherwise. */
  readonly name: string | null;
  /** The public part of the secret; null when it has none. */
  readonly handle: string | null;
  /** The client's address, by which wrong secrets are throttled; empty where it is not known. */
  readonly address: string;
  /** The status of the answer. */
  readonly status: number;
  /** What has failed when the secret could not be examined; null otherwise. */
  readonly fault: unknown;
}

/** What is to be told of an answer that refuses a request for its secret, or for none. */
export function refusalOf({ answer, note }: WireError, name: string | null, address: string): GuardRefusal {
  const { status, body } = answer;
  const reason = note?.reason ?? String(body?.['error_description'] ?? body?.['error']);
  return { reason, name, handle: note?.handle ?? null, address, status, fault: null };
}

/** Tells of a refusal. What the listener throws, or rejects with, changes nothing. */
export function tell(onRefused: ((refusal: GuardRefusal) => void) | undefined, refusal: GuardRefusal): void {
  if (onRefused === undefined) return;
  try {
    // An async function has the type of one that returns nothing.
    const told: unknown = onRefused(refusal);
    Promise.resolve(told).catch(() => {});
  } catch {}
}
