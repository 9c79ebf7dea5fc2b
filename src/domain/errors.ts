import { codeOfSignal, type EndingSignal } from './ending-signal.js';

/** Stable, machine-readable error codes; scripts and callers branch on these, never on a message. */
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

/** Options of a {@link CredctlError} besides its message. */
export interface ErrorOptions {
  /** The remedy, in one sentence without a full stop; a function is called lazily. */
  readonly hint?: string | (() => string);
  /** Every single problem, where the message only counts them; shown one on a line. */
  readonly problems?: readonly string[];
  /** The underlying error, for debugging; never shown to users. */
  readonly cause?: unknown;
}

/**
 * The error class of the program. `message` is a lower-case fact without a final full stop and never contains a
 * secret; `code` is stable across releases; `hint` is the remedy; `problems` are the single ones of several.
 */
export class CredctlError extends Error {
  override readonly name = 'CredctlError';
  readonly code: ErrorCode;
  readonly problems: readonly string[];
  readonly #hint: ErrorOptions['hint'];

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.problems = options.problems ?? [];
    this.#hint = options.hint;
  }

  get hint(): string | null {
    return (typeof this.#hint === 'function' ? this.#hint() : this.#hint) ?? null;
  }
}

/**
 * A destination cannot tell whether the secret was received, possibly in place of an older one. The version
 * stays `pending`, and older ones keep working, until the delivery is resumed or aborted. The code is
 * `partial`, or that of the signal that interrupted the delivery.
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

/** A store was to be created where there is one (exit code 5). */
export class StoreExists extends CredctlError {
  readonly #where: string;
  readonly #kind: 'file' | 'database';

  /**
   * @param where such as `at store.db`
   * @param kind what another store can be
   * @param change what may be wanted of the present one, with its command
   */
  constructor(where: string, kind: 'file' | 'database', change = "its hashing with 'credctl store set'") {
    super('conflict', `a store exists already ${where}`, {
      hint: `change ${change}, or name another ${kind} with --store`,
    });
    this.#where = where;
    this.#kind = kind;
  }

  /** The same, with another change in the hint. */
  wanting(change: string): StoreExists {
    return new StoreExists(this.#where, this.#kind, change);
  }
}

/** A signal ended the program before anything was issued (exit code 130 or 143). */
export class NothingIssued extends CredctlError {
  constructor(signal: EndingSignal) {
    super(codeOfSignal(signal), `interrupted by ${signal}`, { hint: 'no secret was issued' });
  }
}

/** Backpressure: too many requests at once; a retry may succeed (exit code 8). */
export class OverloadError extends CredctlError {
  constructor(message: string) {
    super('store_unavailable', message, { hint: 'try again' });
  }
}

/** A missing, malformed or contradictory argument (exit code 2). */
export function usageError(
  message: string,
  hint?: ErrorOptions['hint'],
  problems: readonly string[] = [],
): CredctlError {
  return new CredctlError('usage', message, hint === undefined ? { problems } : { hint, problems });
}

/** The request conflicts with the present state of the store (exit code 5). */
export function conflictError(message: string, hint?: string): CredctlError {
  return new CredctlError('conflict', message, hint === undefined ? {} : { hint });
}

/** The reference matches nothing in the store (exit code 3). */
export function notFoundError(message: string, hint?: string): CredctlError {
  return new CredctlError('not_found', message, hint === undefined ? {} : { hint });
}
