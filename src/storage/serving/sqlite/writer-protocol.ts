import { CredctlError, type ErrorCode } from '../../../domain/errors.js';
import type { AccessToken, StoreTransaction } from '../../../domain/ports/store-port.js';
import type { Writer } from './writer.js';

/** What can be asked of the thread that writes besides steps of a transaction. */
export type BatchName = Exclude<keyof Writer, 'write' | 'letGo' | 'close' | 'insertToken'>;

/** What tokens consist of, one after the other: copying plain values costs a fraction of what copying objects does. */
export type PackedTokens = readonly (string | number)[];

/** A request to the thread that writes. Every one of them is answered. */
export type Request = { readonly id: number } & (
  | { readonly kind: 'batch'; readonly name: BatchName; readonly args: readonly unknown[] }
  | { readonly kind: 'begin' | 'commit' | 'rollback' | 'close' }
  | { readonly kind: 'call'; readonly name: keyof StoreTransaction; readonly args: readonly unknown[] }
);

/** Tokens to be inserted. Each of them is answered, in whichever company it was written. */
export interface Tokens {
  readonly kind: 'tokens';
  readonly tokens: PackedTokens;
}

/**
 * Asks the thread that writes to close a file that was replaced. There is no answer: whoever asks sleeps until the number
 * is 1.
 */
export interface LetGo {
  readonly kind: 'let-go';
  readonly isDone: Int32Array;
}

/** A fault on its way from one thread to another. */
export interface CarriedFault {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly hint: string | null;
}

export type Answer = { readonly id: number } & (
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: CarriedFault }
);

/** For each token by its number whether it was kept, or why that cannot be said. */
export interface TokenAnswers {
  readonly ids: readonly number[];
  readonly outcomes: readonly (boolean | CarriedFault)[];
}

export function carried(fault: unknown): CarriedFault {
  if (fault instanceof CredctlError) return { code: fault.code, message: fault.message, hint: fault.hint };
  return { code: null, message: fault instanceof Error ? fault.message : String(fault), hint: null };
}

export function arrived({ code, message, hint }: CarriedFault): Error {
  if (code === null) return new Error(message);
  return new CredctlError(code, message, hint === null ? {} : { hint });
}

/** A token on its way to the thread that writes, under the number that it is answered by. */
export interface NumberedToken {
  readonly number: number;
  readonly token: AccessToken;
}

const PARTS = 8;

export function packed(tokens: readonly NumberedToken[]): PackedTokens {
  const parts: (string | number)[] = [];
  for (const { number, token } of tokens) {
    const { id, credentialId, versionId, digest, scopes, issuedAt, expiresAt } = token;
    parts.push(number, id, credentialId, versionId, digest, scopes.join(' '), issuedAt, expiresAt);
  }
  return parts;
}

export function unpacked(parts: PackedTokens): readonly NumberedToken[] {
  return Array.from({ length: parts.length / PARTS }, (_, n) => {
    const at = n * PARTS;
    return {
      number: Number(parts[at]),
      token: {
        id: String(parts[at + 1]),
        credentialId: String(parts[at + 2]),
        versionId: String(parts[at + 3]),
        digest: String(parts[at + 4]),
        scopes: String(parts[at + 5]).split(' '),
        issuedAt: Number(parts[at + 6]),
        expiresAt: Number(parts[at + 7]),
      },
    };
  });
}
