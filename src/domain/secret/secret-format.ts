import { usageError } from '../errors.js';
import type { CredentialType } from '../scope/catalog.js';
import { crc32 } from './crc32.js';

/** Kind of secret: an API key, a client secret of an OAuth client, or an access token. */
export type SecretKind = 'key' | 'sec' | 'tok';

/** The kind of the secrets of a credential of that type. */
export function kindOf(type: CredentialType): Exclude<SecretKind, 'tok'> {
  return type === 'api-key' ? 'key' : 'sec';
}

/** Returns `length` cryptographically secure random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

/** Parts of a well-formed secret. `handle` is public, `secret` is the hashed part. */
export interface ParsedSecret {
  readonly prefix: string;
  readonly kind: SecretKind;
  /** 12 base62 characters. */
  readonly id: string;
  /** 43 base62 characters: 256 bits. */
  readonly secret: string;
  /** `<prefix>_<kind>_<id>`. */
  readonly handle: string;
}

/** Default prefix of a store. */
export const DEFAULT_PREFIX = 'cctl';

/** Length of the public id of a version or token, in characters. */
export const ID_LENGTH = 12;

/** Length of the part after `_id_` in a client id, in characters. */
export const CLIENT_ID_LENGTH = 16;

/** Length of the hashed part, in characters. */
const SECRET_LENGTH = 43;

const SECRET_BYTES = 32;

/** Long division in 24-bit digits: a remainder below 62 ** 4 and one more digit fit in a safe integer. */
const WIDE_BYTES = 3;
const WIDE = 2 ** 24;
const CHUNK_DIGITS = 4;
const CHUNK = 62 ** CHUNK_DIGITS;

const CRC_LENGTH = 6;

/** How much longer a secret is than its prefix: `_key_`, id, hashed part and CRC. */
export const SECRET_OVERHEAD = 5 + ID_LENGTH + SECRET_LENGTH + CRC_LENGTH;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ZERO = ALPHABET.charCodeAt(0);

const PREFIX = /^[a-z][a-z0-9]{1,11}$/;
const CLIENT_ID = /^[a-z][a-z0-9]{1,11}_id_[0-9A-Za-z]{16}$/;
const SECRET = /^([a-z][a-z0-9]{1,11})_(key|sec|tok)_([0-9A-Za-z]{12})([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

// Also matches damaged and truncated secrets. 15 visible characters reveal at most 89 of 256 bits, and ordinary
// names are rarely that long without a separator.
const SECRET_LIKE = /(_(?:key|sec|tok)_[0-9a-z]{12})[0-9a-z]{16,}/gi;

/**
 * Encodes bytes, as one big-endian number, in base62 (`0-9A-Za-z`), left-padded with `0`.
 *
 * @throws RangeError when the number needs more than `length` digits
 */
export function encodeBase62(bytes: Uint8Array, length: number): string {
  const number = wideDigits(bytes);
  const codes = new Array<number>(length).fill(ZERO);
  let at = length;
  for (let first = 0; first < number.length; ) {
    let rest = divideByChunk(number, first);
    for (let digit = 0; digit < CHUNK_DIGITS && rest > 0; digit += 1) {
      if (digit >= at) throw new RangeError(`the number needs more than ${length} base62 digits`);
      codes[at - 1 - digit] = ALPHABET.charCodeAt(rest % 62);
      rest = Math.floor(rest / 62);
    }
    at -= CHUNK_DIGITS;
    while (number[first] === 0) first += 1;
  }
  return String.fromCharCode(...codes);
}

/** Splits bytes into 24-bit digits, most significant first. */
function wideDigits(bytes: Uint8Array): number[] {
  const digits: number[] = [];
  for (let end = bytes.length; end > 0; end -= WIDE_BYTES) {
    digits.push(((bytes[end - 3] ?? 0) << 16) | ((bytes[end - 2] ?? 0) << 8) | (bytes[end - 1] ?? 0));
  }
  return digits.reverse();
}

/**
 * Divides a number in place, from its first non-zero digit.
 *
 * @returns the remainder
 */
function divideByChunk(number: number[], first: number): number {
  let rest = 0;
  for (let at = first; at < number.length; at += 1) {
    const part = rest * WIDE + (number[at] ?? 0);
    const quotient = Math.floor(part / CHUNK);
    number[at] = quotient;
    rest = part - quotient * CHUNK;
  }
  return rest;
}

/** Encodes a number below 62 ** `length` in `length` base62 digits. */
function base62(number: number, length: number): string {
  let digits = '';
  for (let rest = number; digits.length < length; rest = Math.floor(rest / 62)) {
    digits = ALPHABET.charAt(rest % 62) + digits;
  }
  return digits;
}

/** Draws `length` uniformly distributed base62 characters. */
export function drawBase62(random: RandomBytes, length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of drawBytes(random, length - text.length)) {
      // Rejection sampling: 248 = 4 × 62; values above would favour the first eight characters (modulo bias).
      if (byte < 248) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}

/**
 * Leading characters of a token id that encode its time; tokens of one second are adjacent in the store's
 * index.
 */
const SECOND_LENGTH = 5;

/**
 * The id of an access token: Unix seconds modulo 62⁵ (29 years), followed by uniformly distributed characters.
 *
 * @param now epoch milliseconds
 */
export function drawTokenId(random: RandomBytes, now: number): string {
  const second = Math.max(0, Math.floor(now / 1_000)) % 62 ** SECOND_LENGTH;
  return base62(second, SECOND_LENGTH) + drawBase62(random, ID_LENGTH - SECOND_LENGTH);
}

/** Draws the hashed part of a secret: 256 random bits as 43 base62 characters. */
export function drawSecret(random: RandomBytes): string {
  return encodeBase62(drawBytes(random, SECRET_BYTES), SECRET_LENGTH);
}

/** Composes `<prefix>_<kind>_<id><secret><crc>` from well-formed parts. */
export function composeSecret(prefix: string, kind: SecretKind, id: string, secret: string): string {
  const body = handleOf(prefix, kind, id) + secret;
  return body + checksum(body);
}

/**
 * Parses a presented secret without the store.
 *
 * @returns null when it is malformed: another shape or length, a character beyond ASCII, or a wrong CRC
 */
export function parseSecret(text: string): ParsedSecret | null {
  const [, prefix, kind, id, secret, crc] = SECRET.exec(text) ?? [];
  if (prefix === undefined || !isSecretKind(kind) || id === undefined || secret === undefined) return null;
  if (crc !== checksum(text.slice(0, -CRC_LENGTH))) return null;
  return { prefix, kind, id, secret, handle: handleOf(prefix, kind, id) };
}

/** Slices the id out of a complete secret, without checking the text. */
export function versionIdIn(text: string): string {
  return text.slice(-(ID_LENGTH + SECRET_LENGTH + CRC_LENGTH), -(SECRET_LENGTH + CRC_LENGTH));
}

/** The public part of a secret, which identifies its version or token. */
export function handleOf(prefix: string, kind: SecretKind, id: string): string {
  return `${prefix}_${kind}_${id}`;
}

/** The client id `<prefix>_id_<id>` for 16 base62 characters. */
export function clientIdOf(prefix: string, id: string): string {
  return `${prefix}_id_${id}`;
}

/** Whether the text is a valid prefix of a store: 2 to 12 lower-case letters and digits, a letter first. */
export function isPrefix(text: string): boolean {
  return PREFIX.test(text);
}

/**
 * Parses a store's prefix.
 *
 * @throws CredctlError `usage` when it is not valid
 */
export function parsePrefix(text: string): string {
  if (isPrefix(text)) return text;
  throw usageError(
    'the prefix must be 2 to 12 lower-case letters and digits, starting with a letter',
    `such as 'acme' or 'acme2'; the default is '${DEFAULT_PREFIX}'`,
  );
}

/** Whether the text has the shape of a client id, with any prefix. */
export function isClientIdShape(text: string): boolean {
  return CLIENT_ID.test(text);
}

/** Whether the whole text has the shape of a secret, with any CRC. */
export function isSecretShape(text: string): boolean {
  return SECRET.test(text);
}

/** Replaces everything that looks like a secret, complete, damaged or truncated, by its handle and `…`. */
export function maskSecrets(text: string): string {
  return text.replace(SECRET_LIKE, '$1…');
}

/** The CRC of ASCII text, in base62. */
function checksum(body: string): string {
  return base62(crc32(body), CRC_LENGTH);
}

function isSecretKind(text: string | undefined): text is SecretKind {
  return text === 'key' || text === 'sec' || text === 'tok';
}

function drawBytes(random: RandomBytes, length: number): Uint8Array {
  const bytes = random(length);
  if (bytes.length !== length)
    throw new RangeError(`the generator gave ${bytes.length} bytes, not ${length}`);
  return bytes;
}
