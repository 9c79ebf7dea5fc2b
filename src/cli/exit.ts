import { CredctlError, type ErrorCode } from '../domain/errors.js';
import { maskSecrets } from '../domain/secret/secret-format.js';
import { safeForTerminal, safeJson } from '../domain/text/safe-text.js';
import { maskPasswords } from '../domain/text/url-password.js';

/** Exit status of each kind of failure: the only place that maps one to the other. */
export const EXIT_CODES: Readonly<Record<ErrorCode, number>> = {
  unexpected: 1,
  usage: 2,
  not_found: 3,
  denied: 4,
  conflict: 5,
  undelivered: 6,
  partial: 7,
  store_unavailable: 8,
  integrity: 9,
  interrupted: 130,
  terminated: 143,
};

/** Exit status of a command whose reader closed the pipe: 128 + SIGPIPE. */
export const EXIT_BROKEN_PIPE = 141;

/** The shape of an error in JSON documents. */
export interface ErrorView {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
}

/** A failure as users see it; whatever was not foreseen becomes generic. */
export function errorView(fault: unknown): ErrorView {
  if (fault instanceof CredctlError) {
    return {
      code: fault.code,
      message: masked(fault.message),
      hint: fault.hint === null ? null : masked(fault.hint),
    };
  }
  return {
    code: 'unexpected',
    message: 'something went wrong that should not have',
    hint: 'run it again with CREDCTL_DEBUG=1 and report what it prints',
  };
}

/** Text for a message, without what it may repeat of secrets and of passwords in URLs. */
export function masked(text: string): string {
  return maskPasswords(maskSecrets(text));
}

/** What stderr says of a failure: one line, then a line with the hint; or one JSON document. */
export function errorText(view: ErrorView, json: boolean): string {
  if (json) return `${safeJson({ schema_version: 1, error: view })}\n`;
  const hint = view.hint === null ? '' : `hint: ${safeForTerminal(view.hint, { newlines: 'escape' })}\n`;
  return `credctl: ${safeForTerminal(view.message, { newlines: 'escape' })}\n${hint}`;
}
