import type { ScopeGroup } from './scope-groups.js';

/** An answer of a choice. */
export interface Choice<T> {
  readonly value: T;
  readonly name: string;
  /** Shown while the choice is in focus. */
  readonly description?: string;
}

/** Checks of a text answer; each returns the problem, or null. */
export interface LineOptions {
  /** Initial, editable value. */
  readonly initial?: string;
  /** Called on each key and on submission. */
  readonly check?: (text: string) => string | null;
  /** Called on submission. */
  readonly accept?: (text: string) => Promise<string | null>;
}

/**
 * Interactive prompts on stderr. Ctrl-C and Ctrl-D reject with `interrupted`; a termination signal and a closed
 * terminal with `terminated`. Ctrl-Z stops the process; once continued, the prompt is shown again with its
 * state.
 */
export interface Prompts {
  confirm(message: string): Promise<boolean>;
  /** A line of text. */
  line(message: string, options?: LineOptions): Promise<string>;
  /** A line of text without echo. */
  hidden(message: string): Promise<string>;
  /** Single choice. */
  choose<T>(message: string, choices: readonly Choice<T>[], initial?: T): Promise<T>;
  /** Scope selection: returns the groups with at least one scope selected. */
  chooseScopes(message: string, groups: readonly ScopeGroup[]): Promise<readonly ScopeGroup[]>;
}

/** Appearance of prompts. */
export interface PromptLook {
  readonly color: boolean;
  /** Terminal type, `$TERM`. */
  readonly terminalType: string | undefined;
  /** Writes to the terminal; never throws. */
  readonly write: (text: string) => void;
}
