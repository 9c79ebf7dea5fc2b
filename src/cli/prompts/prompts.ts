import type { ScopeGroup } from './scopes/groups.js';

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

/** Something to choose in a search. */
export interface Match<T> {
  readonly value: T;
  /** What the eye looks for; shown as the answer. */
  readonly name: string;
  /** Further columns, the least important one last; the name of a status is coloured. */
  readonly remarks: readonly string[];
}

/** The first matches of a text. */
export interface Matches<T> {
  readonly matches: readonly Match<T>[];
  readonly hasMore: boolean;
}

/** A choice among more than fit on a screen. */
export interface SearchSource<T> {
  /**
   * @param isStale lets keys be taken in, and says whether the text has changed since, so that the matches are of
   *   no use any more
   */
  readonly find: (text: string, isStale: () => Promise<boolean>) => Promise<Matches<T>>;
  /** What a text is looked for in. */
  readonly help: string;
}

/**
 * Interactive prompts on stderr. Ctrl-C and Ctrl-D reject with `interrupted`; a termination signal and a closed
 * terminal with `terminated`. Ctrl-Z stops the process; once continued, the prompt is shown again with its
 * state.
 */
export interface Prompts {
  /** @param byDefault what Enter alone answers; no by default */
  confirm(message: string, byDefault?: boolean): Promise<boolean>;
  /** A line of text. */
  line(message: string, options?: LineOptions): Promise<string>;
  /** A line of text without echo. */
  hidden(message: string): Promise<string>;
  /** Single choice. */
  choose<T>(message: string, choices: readonly Choice<T>[], initial?: T): Promise<T>;
  /** Choice of at least one. */
  chooseSeveral<T>(message: string, choices: readonly Choice<T>[]): Promise<readonly T[]>;
  /** Choice among what matches a typed text. */
  search<T>(message: string, source: SearchSource<T>): Promise<T>;
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
