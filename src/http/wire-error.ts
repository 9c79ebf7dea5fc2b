import { CredctlError } from '../domain/errors.js';
import { parseSecret } from '../domain/secret/secret-format.js';
import type { Denial } from '../usecases/serving/principal.js';

/** An answer as it goes over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Becomes JSON; an empty body with null. */
  readonly body: Readonly<Record<string, unknown>> | null;
}

/** Why a secret was refused, for those who run the server: what the log says and the answer does not. */
export interface RefusalNote {
  readonly reason: string;
  /** The public part of the secret, when it had one. */
  readonly handle: string | null;
}

/** Refuses a request from wherever it is being looked at. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly answer: WireAnswer;
  readonly note: RefusalNote | null;

  constructor(answer: WireAnswer, note: RefusalNote | null = null) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
    this.note = note;
  }
}

/** What nobody may keep: tokens, and what is said about them (RFC 6749 §5.1). */
export const NO_STORE: Readonly<Record<string, string>> = { 'cache-control': 'no-store', pragma: 'no-cache' };

const BASIC = 'Basic realm="credctl"';
const BEARER = 'Bearer realm="credctl"';

/** Seconds after which a fault may be over. */
const RETRY_SECONDS = 1;

/** What was asked for, and nobody may keep. */
export function good(body: Readonly<Record<string, unknown>>): WireAnswer {
  return { status: 200, headers: NO_STORE, body };
}

/** Errors of the OAuth endpoints: RFC 6749 §5.2. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unsupported_grant_type'
  | 'invalid_scope';

/** @param description what is wrong with the request itself; nothing about secrets or who has them */
export function oauthError(code: OAuthErrorCode, description?: string): WireAnswer {
  return {
    status: code === 'invalid_client' ? 401 : 400,
    headers: code === 'invalid_client' ? { ...NO_STORE, 'www-authenticate': BASIC } : NO_STORE,
    body: errorBody(code, description),
  };
}

/** Every failed authentication at an OAuth endpoint: one answer for all the reasons there may be. */
export function clientDenied(denial: Denial, secret: string): WireError {
  return refusal(denial, secret, oauthError('invalid_client'));
}

/** RFC 6750 §3: nobody tried to authenticate, so there is no error to name. */
export const BEARER_MISSING: WireAnswer = {
  status: 401,
  headers: { ...NO_STORE, 'www-authenticate': BEARER },
  body: null,
};

/** Every failed authentication with a bearer token or an API key: one answer for all the reasons there may be. */
export function bearerDenied(denial: Denial, secret: string): WireError {
  return refusal(denial, secret, bearerError(401, 'invalid_token'));
}

function refusal(denial: Denial, secret: string, answer: WireAnswer): WireError {
  const note = { reason: denial.reason, handle: parseSecret(secret)?.handle ?? null };
  return new WireError(denial.reason === 'throttled' ? throttledFor(denial.waitMs) : answer, note);
}

/** RFC 6750 §3.1: the request itself is at fault. */
export function bearerRequestError(description: string): WireAnswer {
  return bearerError(400, 'invalid_request', { error_description: description });
}

/** RFC 6750 §3.1: good, but not for this. */
export function insufficientScope(required: readonly string[]): WireAnswer {
  return bearerError(403, 'insufficient_scope', { scope: required.join(' ') });
}

function bearerError(
  status: number,
  error: string,
  attributes: Readonly<Record<string, string>> = {},
): WireAnswer {
  const challenge = Object.entries({ error, ...attributes }).map(([name, value]) => `${name}="${value}"`);
  return {
    status,
    headers: { ...NO_STORE, 'www-authenticate': `${BEARER}, ${challenge.join(', ')}` },
    body: { error, ...attributes },
  };
}

/** Too many of something. */
export function throttledFor(waitMs: number): WireAnswer {
  return {
    status: 429,
    headers: { ...NO_STORE, 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))) },
    body: errorBody('too_many_requests'),
  };
}

/** Refusals that are about HTTP itself. */
export function httpError(status: number, description: string): WireAnswer {
  return { status, headers: NO_STORE, body: errorBody('invalid_request', description) };
}

/** RFC 9110 §15.5.6. */
export function methodNotAllowed(allow: string): WireAnswer {
  return { ...httpError(405, `allowed are: ${allow}`), headers: { ...NO_STORE, allow } };
}

/** The answer for whatever was thrown; what was not foreseen tells nothing. */
export function faultAnswer(fault: unknown): WireAnswer {
  if (fault instanceof WireError) return fault.answer;
  if (fault instanceof CredctlError && UNAVAILABLE.has(fault.code)) return unavailable();
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
  const known = FRAMEWORK_FAULTS.get(code);
  if (known !== undefined) return known;
  const status = fault instanceof Error && 'statusCode' in fault ? Number(fault.statusCode) : 500;
  if (status >= 400 && status < 500) return httpError(status, 'the request is malformed');
  return { status: 500, headers: NO_STORE, body: errorBody('server_error') };
}

/** The store, or the means to check a secret, cannot be had at present. */
export function unavailable(): WireAnswer {
  return {
    status: 503,
    headers: { ...NO_STORE, 'retry-after': String(RETRY_SECONDS) },
    body: errorBody('temporarily_unavailable'),
  };
}

const UNAVAILABLE: ReadonlySet<string> = new Set(['store_unavailable', 'integrity', 'denied']);

const FRAMEWORK_FAULTS: ReadonlyMap<string, WireAnswer> = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', httpError(413, 'the body is larger than 16 KiB')],
  [
    'FST_ERR_CTP_INVALID_MEDIA_TYPE',
    httpError(400, 'the body must be application/x-www-form-urlencoded or application/json'),
  ],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', httpError(400, 'the body is not as long as it says')],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', httpError(400, 'the body is empty')],
  ['FST_ERR_BAD_URL', httpError(400, 'the path is malformed')],
]);

function errorBody(error: string, description?: string): Readonly<Record<string, string>> {
  return description === undefined ? { error } : { error, error_description: description };
}
