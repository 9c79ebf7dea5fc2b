import { CredctlError, type ErrorCode } from '../domain/errors.js';
import { maskSecrets } from '../domain/secret/secret-format.js';
import { safeForTerminal, safeJson } from '../domain/text/safe-text.js';
import { maskPasswords } from '../domain/text/url-password.js';

/** Exit status and meaning of each kind of failure. */
const FAILURES: Readonly<Record<ErrorCode, readonly [status: number, meaning: string]>> = {
  unexpected: [1, 'unexpected: a bug or something not foreseen'],
  usage: [2, 'usage: an argument or option is missing, unknown or invalid'],
  not_found: [3, 'not_found: no such credential, owner, API or file'],
  denied: [4, "denied: the store's permissions refuse you"],
  conflict: [5, 'conflict: a name is taken, or a secret, a catalog entry or a file is still in use'],
  undelivered: [6, 'undelivered: the secret could not be delivered; the new secret does not work'],
  partial: [
    7,
    'partial: some were done and some failed, or a delivery is unfinished; the message says what to do',
  ],
  store_unavailable: [
    8,
    'store_unavailable: the store is missing, read-only, busy for 30 s, or on a full disk or a network file system; or the output cannot be written',
  ],
  integrity: [9, 'integrity: the store or the audit trail is damaged or was altered'],
  interrupted: [130, 'interrupted: by Ctrl-C, or a question was answered with no'],
  terminated: [143, 'terminated: by SIGTERM or SIGHUP'],
};

/** Meanings of the statuses that are no failure of this program's own. */
const OTHERS: readonly (readonly [status: number, meaning: string])[] = [
  [0, 'done'],
  [10, 'leaked: scan found a secret that works; with --staged or --offline, any secret'],
  [126, 'COMMAND cannot be executed'],
  [127, 'COMMAND was not found'],
  [141, 'the reader of the output closed it early'],
];

/** Exit status by error code. */
export const EXIT_CODES = Object.fromEntries(
  Object.entries(FAILURES).map(([code, [status]]) => [code, status]),
) as Readonly<Record<ErrorCode, number>>;

/** Meaning of an exit status; empty for one that is not documented. */
export function exitMeaning(status: number): string {
  return [...Object.values(FAILURES), ...OTHERS].find(([each]) => each === status)?.[1] ?? '';
}

/** Exit status of a scan that found what must not be there. */
export const EXIT_LEAKED = 10;

/** Exit status after EPIPE: 128 + SIGPIPE. */
export const EXIT_BROKEN_PIPE = 141;

/** An error in JSON documents. */
export interface ErrorView {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
  /** Every single problem, where the message only counts them. */
  readonly problems?: readonly string[];
}

/** An error as shown to users; an unexpected one becomes generic. */
export function errorView(fault: unknown): ErrorView {
  if (fault instanceof CredctlError) {
    return {
      code: fault.code,
      message: masked(fault.message),
      hint: fault.hint === null ? null : masked(fault.hint),
      ...(fault.problems.length === 0 ? {} : { problems: fault.problems.map(masked) }),
    };
  }
  return {
    code: 'unexpected',
    message: 'an unexpected error happened, probably a bug in credctl',
    hint: 'run the command again with CREDCTL_DEBUG=1, and report the output',
  };
}

/**
 * The error where a file of the program has caused the fault. What the fault says of the outcome stays true: its code
 * and its hint.
 */
export function brokenProgramView(
  fault: unknown,
  { message, hint }: { readonly message: string; readonly hint: string },
): ErrorView {
  const { code, hint: outcome } = errorView(fault);
  const hasOutcome = fault instanceof CredctlError && outcome !== null;
  return { code, message, hint: hasOutcome ? `${outcome}; ${hint}` : hint };
}

/** Masks secrets, and passwords in URLs, in a message. */
export function masked(text: string): string {
  return maskPasswords(maskSecrets(text));
}

/**
 * Formats an error for stderr: a line for what is wrong, for each problem, and for the hint; or one JSON document.
 *
 * @param emphasise the words that begin the lines
 */
export function errorText(
  view: ErrorView,
  json: boolean,
  emphasise: (word: string) => string = (word) => word,
): string {
  if (json) return `${safeJson({ schema_version: 1, error: view })}\n`;
  const line = (start: string, text: string): string =>
    `${start} ${safeForTerminal(text, { newlines: 'escape' })}\n`;
  return [
    line(emphasise('credctl:'), view.message),
    ...(view.problems ?? []).map((problem) => line(' ', problem)),
    ...(view.hint === null ? [] : [line(emphasise('hint:'), view.hint)]),
  ].join('');
}
