import { codeOfSignal, type EndingSignal } from './ending-signal.js';

/** Stable, machine-readable kinds of failure; scripts and callers branch on these, never on a message. */
export type ErrorCode =
  | 'unexpected'
  | 'usage'
  | 'not_found'
  | 'denied'
  | 'conflict'
  | 'undelivered'
  | 'partial'
  | 'store_unavailable'
  | 'integrity'
  | 'interrupted'
  | 'terminated';

/** What a {@link CredctlError} carries besides its message. */
export interface ErrorOptions {
  /** What the user can do about it: one sentence, no final full stop needed; worked out when it is read. */
  readonly hint?: string | (() => string);
  /** The underlying failure, kept for debugging; never shown to users. */
  readonly cause?: unknown;
}

/**
 * The error class of the program. `message` is a lower-case fact without a final full stop and never contains
 * a secret; `code` is stable across releases; `hint` says what to do.
 */
export class CredctlError extends Error {
  override readonly name = 'CredctlError';
  readonly code: ErrorCode;
  readonly #hint: ErrorOptions['hint'];

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.#hint = options.hint;
  }

  get hint(): string | null {
    return (typeof this.#hint === 'function' ? this.#hint() : this.#hint) ?? null;
  }
}

/**
 * A destination cannot tell whether the secret was received, which may stand where an older one stood. The version
 * stays `pending`, and older ones go on working, until the delivery is resumed or aborted. The code is `partial`, or
 * that of the signal that cut the delivery off.
 *
 * @example
 * const destination = handTo(async ({ secret }) => {
 *   const answer = await vault.write('billing/api-key', secret).catch(() => null);
 *   if (answer === null) throw new DeliveryInDoubt('the vault did not answer');
 * });
 */
export class DeliveryInDoubt extends CredctlError {
  constructor(message: string, options: ErrorOptions & { readonly code?: ErrorCode } = {}) {
    super(options.code ?? 'partial', message, options);
  }
}

/** A signal asked the program to end before anything was issued (exit code 130 or 143). */
export class NothingIssued extends CredctlError {
  constructor(signal: EndingSignal) {
    super(codeOfSignal(signal), `interrupted by ${signal}`, { hint: 'nothing was issued' });
  }
}

/** Too much is asked for at once: the same may succeed in a moment (exit code 8). */
export class OverloadError extends CredctlError {
  constructor(message: string) {
    super('store_unavailable', message, { hint: 'try again' });
  }
}

/** A missing, malformed or contradictory argument (exit code 2). */
export function usageError(message: string, hint?: ErrorOptions['hint']): CredctlError {
  return new CredctlError('usage', message, hint === undefined ? {} : { hint });
}

/** The request contradicts the present state of the store (exit code 5). */
export function conflictError(message: string, hint?: string): CredctlError {
  return new CredctlError('conflict', message, hint === undefined ? {} : { hint });
}

/** Nothing in the store answers to the given reference (exit code 3). */
export function notFoundError(message: string, hint?: string): CredctlError {
  return new CredctlError('not_found', message, hint === undefined ? {} : { hint });
}
