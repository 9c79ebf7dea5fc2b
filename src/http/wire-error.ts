import { CredctlError } from '../domain/errors.js';
import { isClientIdShape, parseSecret } from '../domain/secret/secret-format.js';
import type { Denial, Throttled } from '../usecases/serving/principal.js';

/** An HTTP answer. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON; null for an empty body. */
  readonly body: Readonly<Record<string, unknown>> | null;
}

/** Why a secret was refused: logged, not disclosed to the client. */
export interface RefusalNote {
  readonly reason: string;
  /** The public part of the secret; null when it has none. */
  readonly handle: string | null;
  /** The client id that was presented, which is no secret (RFC 6749 §2.2); absent where it has not the form of one. */
  readonly client?: string;
}

/** An HTTP answer to be thrown. */
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

/** Headers that forbid caching of tokens and of answers about them (RFC 6749 §5.1). */
export const NO_STORE: Readonly<Record<string, string>> = { 'cache-control': 'no-store', pragma: 'no-cache' };

const BASIC = 'Basic realm="credctl"';
const BEARER = 'Bearer realm="credctl"';

/** The scheme of an `Authorization` header; `none` without one, `repeated` for several. */
export type AuthorizationScheme = 'none' | 'basic' | 'bearer' | 'other' | 'repeated';

/** Challenges by the scheme of the `Authorization` header. */
const CHALLENGES: ReadonlyMap<string, string> = new Map([
  ['basic', BASIC],
  ['bearer', BEARER],
]);

/** Value of `Retry-After` for unavailability, in seconds. */
const RETRY_SECONDS = 1;

/** A successful answer that must not be cached. */
export function good(body: Readonly<Record<string, unknown>>): WireAnswer {
  return { status: 200, headers: NO_STORE, body };
}

/** Error codes of the OAuth endpoints (RFC 6749 §5.2). */
export type OAuthErrorCode = 'invalid_request' | 'unsupported_grant_type' | 'invalid_scope';

/**
 * An OAuth error.
 *
 * @param description about the request itself; must not disclose anything about secrets or their owners
 */
export function oauthError(code: OAuthErrorCode, description?: string): WireAnswer {
  return {
    status: 400,
    headers: NO_STORE,
    body: errorBody(code, description),
  };
}

/**
 * Failed client authentication. The challenge is of the scheme that the client used (RFC 6749 §5.2); there is none for
 * credentials in the body, since browsers would ask for a password.
 */
export function invalidClient(scheme: AuthorizationScheme): WireAnswer {
  const challenge = CHALLENGES.get(scheme);
  return {
    status: 401,
    headers: challenge === undefined ? NO_STORE : { ...NO_STORE, 'www-authenticate': challenge },
    body: errorBody('invalid_client'),
  };
}

/** What a client has presented. */
interface PresentedClient {
  readonly clientId: string;
  readonly secret: string;
  readonly scheme: AuthorizationScheme;
}

/** One uniform answer for every failed client authentication by the same method. */
export function clientDenied(denial: Denial, { clientId, secret, scheme }: PresentedClient): WireError {
  const { answer, note } = refusal(denial, secret, invalidClient(scheme));
  // Any other text may be a secret in the place of a client id.
  return new WireError(answer, note && isClientIdShape(clientId) ? { ...note, client: clientId } : note);
}

/** Answer to a request without credentials, which names no error (RFC 6750 §3). */
export const BEARER_MISSING: WireAnswer = {
  status: 401,
  headers: { ...NO_STORE, 'www-authenticate': BEARER },
  body: null,
};

/** One uniform answer for every failed authentication with a bearer token or an API key. */
export function bearerDenied(denial: Denial, secret: string): WireError {
  return refusal(denial, secret, bearerError(401, 'invalid_token'));
}

function refusal(denial: Denial, secret: string, answer: WireAnswer): WireError {
  if (denial.reason === 'throttled') return throttledSecret(denial, secret);
  return new WireError(answer, noteOf(denial, secret));
}

/** The answer to a secret that the throttle does not let be examined. */
export function throttledSecret(denial: Throttled, secret: string): WireError {
  return new WireError(throttledFor(denial.waitMs), noteOf(denial, secret));
}

function noteOf({ reason }: Denial, secret: string): RefusalNote {
  return { reason, handle: parseSecret(secret)?.handle ?? null };
}

/** Answer to a malformed request (RFC 6750 §3.1). */
export function bearerRequestError(description: string): WireAnswer {
  return bearerError(400, 'invalid_request', { error_description: description });
}

/** Answer to a valid secret without the required scopes (RFC 6750 §3.1). */
function insufficientScope(required: readonly string[]): WireAnswer {
  return bearerError(403, 'insufficient_scope', { scope: required.join(' ') });
}

/** As {@link insufficientScope}, with what the log says of it. */
export function scopeDenied(required: readonly string[], secret: string): WireError {
  const denial = { accepted: false, reason: 'insufficient_scope' } as const;
  return new WireError(insufficientScope(required), noteOf(denial, secret));
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

/** Answer to a throttled request, with `Retry-After`. */
export function throttledFor(waitMs: number): WireAnswer {
  return {
    status: 429,
    headers: { ...NO_STORE, 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))) },
    body: errorBody('too_many_requests'),
  };
}

/** Answer to a violation of HTTP itself. */
export function httpError(status: number, description: string): WireAnswer {
  return { status, headers: NO_STORE, body: errorBody('invalid_request', description) };
}

/** 413 Content Too Large (RFC 9110 §15.5.14). */
export function tooLarge(): WireAnswer {
  return httpError(413, 'the body is too large');
}

/** One uniform answer to what is not signed by a key that is known. */
export function invalidSignature(): WireAnswer {
  return { status: 401, headers: NO_STORE, body: errorBody('invalid_signature') };
}

/** 405 Method Not Allowed (RFC 9110 §15.5.6). */
export function methodNotAllowed(allow: string): WireAnswer {
  return { ...httpError(405, `allowed are: ${allow}`), headers: { ...NO_STORE, allow } };
}

/** The answer for an error; an unexpected one discloses nothing. */
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

/** Answer while the store or the hash pool is unavailable. */
export function unavailable(): WireAnswer {
  return {
    status: 503,
    headers: { ...NO_STORE, 'retry-after': String(RETRY_SECONDS) },
    body: errorBody('temporarily_unavailable'),
  };
}

const UNAVAILABLE: ReadonlySet<string> = new Set(['store_unavailable', 'integrity', 'denied']);

const FRAMEWORK_FAULTS: ReadonlyMap<string, WireAnswer> = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', tooLarge()],
  [
    'FST_ERR_CTP_INVALID_MEDIA_TYPE',
    httpError(400, 'the body must be application/x-www-form-urlencoded or application/json'),
  ],
  [
    'FST_ERR_CTP_INVALID_CONTENT_LENGTH',
    httpError(400, 'the body is shorter or longer than Content-Length says'),
  ],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', httpError(400, 'the body is empty')],
  ['FST_ERR_BAD_URL', httpError(400, 'the path is malformed')],
]);

function errorBody(error: string, description?: string): Readonly<Record<string, string>> {
  return description === undefined ? { error } : { error, error_description: description };
}
