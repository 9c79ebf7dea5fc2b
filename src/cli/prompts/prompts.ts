import type { ScopeGroup } from './scope-groups.js';

/** One of the answers that a question offers. */
export interface Choice<T> {
  readonly value: T;
  readonly name: string;
  /** A remark that is shown while the choice is in focus. */
  readonly description?: string;
}

/** How an answer in text is checked; each check says what is wrong, or null. */
export interface LineOptions {
  /** What stands there at first, to be edited. */
  readonly initial?: string;
  /** Runs on every key as well. */
  readonly check?: (text: string) => string | null;
  /** Runs once the answer is given. */
  readonly accept?: (text: string) => Promise<string | null>;
}

/**
 * Questions to the person at the terminal, on stderr. Ctrl-C and Ctrl-D end the command: `interrupted`; a signal that
 * ends it, and a terminal that is closed: `terminated`. Ctrl-Z stops it, and once it is continued the question comes
 * again, with what was typed.
 */
export interface Prompts {
  confirm(message: string): Promise<boolean>;
  /** A line of text. */
  line(message: string, options?: LineOptions): Promise<string>;
  /** A line that is not shown while it is typed. */
  hidden(message: string): Promise<string>;
  /** One of several answers. */
  choose<T>(message: string, choices: readonly Choice<T>[], initial?: T): Promise<T>;
  /** The same groups with what has been selected, at least one scope. */
  chooseScopes(message: string, groups: readonly ScopeGroup[]): Promise<readonly ScopeGroup[]>;
}

/** What decides how questions look. */
export interface PromptLook {
  readonly color: boolean;
  /** The name of the terminal's type, `$TERM`. */
  readonly terminalType: string | undefined;
  /** Writes a text to the terminal; never throws. */
  readonly write: (text: string) => void;
}
