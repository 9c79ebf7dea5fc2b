import { CredctlError, type ErrorCode } from '../../domain/errors.js';
import type { AccessToken, StoreTransaction } from '../../domain/store-port.js';
import type { Writer } from './writer.js';

/** What can be asked of the thread that writes besides steps of a transaction. */
export type BatchName = Exclude<keyof Writer, 'write' | 'letGo' | 'close' | 'insertTokens'>;

/** What tokens consist of, one after the other: copying plain values costs a fraction of what copying objects does. */
export type PackedTokens = readonly (string | number)[];

/** A request to the thread that writes. Every one of them is answered. */
export type Request = { readonly id: number } & (
  | { readonly kind: 'batch'; readonly name: BatchName; readonly args: readonly unknown[] }
  | { readonly kind: 'tokens'; readonly tokens: PackedTokens }
  | { readonly kind: 'begin' | 'commit' | 'rollback' | 'close' }
  | { readonly kind: 'call'; readonly name: keyof StoreTransaction; readonly args: readonly unknown[] }
);

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

export function carried(fault: unknown): CarriedFault {
  if (fault instanceof CredctlError) return { code: fault.code, message: fault.message, hint: fault.hint };
  return { code: null, message: fault instanceof Error ? fault.message : String(fault), hint: null };
}

export function arrived({ code, message, hint }: CarriedFault): Error {
  if (code === null) return new Error(message);
  return new CredctlError(code, message, hint === null ? {} : { hint });
}

const PARTS = 7;

/** @param tokens at most one group of them */
export function packed(tokens: readonly AccessToken[]): PackedTokens {
  const parts: (string | number)[] = [];
  for (const { id, credentialId, versionId, digest, scopes, issuedAt, expiresAt } of tokens) {
    parts.push(id, credentialId, versionId, digest, scopes.join(' '), issuedAt, expiresAt);
  }
  return parts;
}

export function unpacked(parts: PackedTokens): readonly AccessToken[] {
  return Array.from({ length: parts.length / PARTS }, (_, n) => {
    const [id, credentialId, versionId, digest, scopes, issuedAt, expiresAt] = parts.slice(
      n * PARTS,
      (n + 1) * PARTS,
    );
    return {
      id: String(id),
      credentialId: String(credentialId),
      versionId: String(versionId),
      digest: String(digest),
      scopes: String(scopes).split(' '),
      issuedAt: Number(issuedAt),
      expiresAt: Number(expiresAt),
    };
  });
}
