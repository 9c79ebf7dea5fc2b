import { CredctlError, type ErrorCode } from '../../../domain/errors.js';
import type { AccessToken, StoreTransaction } from '../../../domain/ports/store-port.js';
import type { LibraryName } from '../../sqlite/connection.js';
import type { Writer } from './writer.js';

/** What the worker starts with. */
export interface WriterData {
  readonly path: string;
  /** The library that the thread of the client connects with, which must be the worker's too. */
  readonly library: LibraryName | null;
}

/** Single writes that the worker offers, besides the steps of a transaction. */
export type BatchName = Exclude<keyof Writer, 'write' | 'release' | 'close' | 'insertToken'>;

/** The fields of tokens as a flat list: structured cloning of plain values costs a fraction of cloning objects. */
export type PackedTokens = readonly (string | number)[];

/** A request to the worker. Every request gets one {@link Answer}. */
export type Request = { readonly id: number } & (
  | { readonly kind: 'batch'; readonly name: BatchName; readonly args: readonly unknown[] }
  | { readonly kind: 'begin' | 'commit' | 'rollback' | 'close' }
  | { readonly kind: 'call'; readonly name: keyof StoreTransaction; readonly args: readonly unknown[] }
);

/** Tokens to insert. Each is answered by its number, whichever group it was written in. */
export interface Tokens {
  readonly kind: 'tokens';
  readonly tokens: PackedTokens;
}

/**
 * Asks the worker to close a replaced file. No message answers: the caller sleeps in `Atomics.wait` until `isDone`
 * is 1.
 */
export interface Release {
  readonly kind: 'release';
  readonly isDone: Int32Array;
}

/** An error in a form that structured cloning keeps: the class and code of an error do not survive it. */
export interface CarriedFault {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly hint: string | null;
}

/** The worker's answer to the request with that id. */
export type Answer = { readonly id: number } & (
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: CarriedFault }
);

/** For each token, by its number: whether it was stored, or the fault that left that open. */
export interface TokenAnswers {
  readonly ids: readonly number[];
  readonly outcomes: readonly (boolean | CarriedFault)[];
}

/** Makes an error ready to be sent to another thread. Its cause and stack are dropped. */
export function carried(fault: unknown): CarriedFault {
  if (fault instanceof CredctlError) return { code: fault.code, message: fault.message, hint: fault.hint };
  return { code: null, message: fault instanceof Error ? fault.message : String(fault), hint: null };
}

/** Makes an error of what another thread has sent. */
export function arrived({ code, message, hint }: CarriedFault): Error {
  if (code === null) return new Error(message);
  return new CredctlError(code, message, hint === null ? {} : { hint });
}

/** A token on its way to the worker, with the number under which it is answered. */
export interface NumberedToken {
  readonly number: number;
  readonly token: AccessToken;
}

const PARTS = 8;

/** Flattens tokens to be sent; {@link unpacked} is the inverse. */
export function packed(tokens: readonly NumberedToken[]): PackedTokens {
  const parts: (string | number)[] = [];
  for (const { number, token } of tokens) {
    const { id, credentialId, versionId, digest, scopes, issuedAt, expiresAt } = token;
    parts.push(number, id, credentialId, versionId, digest, scopes.join(' '), issuedAt, expiresAt);
  }
  return parts;
}

/** Rebuilds the tokens of a flat list. */
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
