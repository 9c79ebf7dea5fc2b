import type { EndingSignal } from '../../domain/ending-signal.js';
import { CredctlError } from '../../domain/errors.js';

/** EPIPE: the reader of the output has closed the pipe. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe';
}

/** Output that could not be written for another reason: mostly a full disk. */
export class UnwrittenOutput extends CredctlError {
  readonly #fact: string;

  /**
   * @param fact why, in words
   * @param outcome what is true of the command's changes; empty where it makes none
   */
  constructor(fact: string, cause: unknown, outcome = '') {
    const hint = `make room for the output, or send it elsewhere${outcome}`;
    super('store_unavailable', `the output could not be written: ${fact}`, { hint, cause });
    this.#fact = fact;
  }

  /** The same, of a command that makes changes. */
  ofChange(): UnwrittenOutput {
    return new UnwrittenOutput(this.#fact, this.cause, '; what the command has changed stays changed');
  }
}

/** Standard output or standard error. */
export interface Output {
  readonly isTerminal: boolean;
  /** Whether it is closed or the null device, so that output is lost. */
  readonly isDiscarded: boolean;
  /** Columns of the terminal; 80 when unknown. */
  readonly columns: number;
  /** Rows of the terminal; 24 when unknown. */
  readonly rows: number;
  /**
   * Writes synchronously.
   *
   * @throws BrokenPipe on EPIPE; UnwrittenOutput
   */
  write(text: string): void;
}

/** A pager that is running. */
export interface Pager {
  /**
   * Passes a text on and waits until the pager can take more.
   *
   * @returns false once it takes nothing any more
   */
  write(text: string): Promise<boolean>;
  /** Tells it that there is no more. */
  end(): void;
  /** How it ended: its exit status as a shell gives it, and the signal, if any, that told this process to end. */
  readonly ended: Promise<{ readonly status: number; readonly told: EndingSignal | null }>;
}

/** Lines that are written without blocking the process, and without being cut. */
export interface LineOutput {
  write(line: string): Promise<void>;
  close(): void;
}
