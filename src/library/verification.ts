import type { RefusalReason } from '../domain/credential/verdict.js';
import type { CredentialType } from '../domain/scope/catalog.js';
import { type Answer, coversAll, endOf } from '../usecases/serving/principal.js';

/** The credential of a verified secret. */
export interface VerifiedCredential {
  readonly id: string;
  readonly name: string;
  readonly type: CredentialType;
  /** Null for an API key. */
  readonly clientId: string | null;
  /** The name of the owner; null for none. */
  readonly owner: string | null;
  /** Effective scopes at this moment. */
  readonly scopes: readonly string[];
  /** When it expires; null for never. */
  readonly expiresAt: Date | null;
}

/** The answer to a presented secret. The reason is for your log; do not disclose it to the caller. */
export type Verification =
  | { readonly valid: true; readonly credential: VerifiedCredential }
  | {
      readonly valid: false;
      readonly reason: RefusalReason;
      /** The name of the credential, of a secret that is right. */
      readonly name?: string;
    }
  | { readonly valid: false; readonly reason: 'throttled'; readonly retryAfterMs: number };

/** The answer of a verifier to the outside, for these required scopes. */
export function verificationOf(answer: Answer, required: readonly string[]): Verification {
  if (!answer.accepted) {
    return answer.reason === 'throttled'
      ? { valid: false, reason: 'throttled', retryAfterMs: answer.waitMs }
      : { valid: false, reason: answer.reason, ...(answer.name === undefined ? {} : { name: answer.name }) };
  }
  const { id, name, type, clientId, owner } = answer.credential;
  if (!coversAll(answer, required)) return { valid: false, reason: 'insufficient_scope', name };
  const end = endOf(answer);
  return {
    valid: true,
    credential: {
      id,
      name,
      type,
      clientId,
      owner: owner?.name ?? null,
      scopes: answer.scopes,
      expiresAt: end === null ? null : new Date(end),
    },
  };
}
