import { usageError } from './errors.js';

/** What a secret is for: an API key, the client secret of an OAuth client, or an access token. */
export type SecretKind = 'key' | 'sec' | 'tok';

/** Draws `length` bytes from the operating system's generator. */
export type RandomBytes = (length: number) => Uint8Array;

/** The parts of a well-formed secret. `handle` is public, `secret` is what gets hashed. */
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

/** The prefix of a store that was created without another one. */
export const DEFAULT_PREFIX = 'cctl';

/** Characters in the public id of a version or token. */
export const ID_LENGTH = 12;

/** Characters after `_id_` in a client id. */
export const CLIENT_ID_LENGTH = 16;

/** Characters of the part that is hashed. */
export const SECRET_LENGTH = 43;

const SECRET_BYTES = 32;
const CRC_LENGTH = 6;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const PREFIX = /^[a-z][a-z0-9]{1,11}$/;
const CLIENT_ID = /^[a-z][a-z0-9]{1,11}_id_[0-9A-Za-z]{16}$/;
const SECRET = /^([a-z][a-z0-9]{1,11})_(key|sec|tok)_([0-9A-Za-z]{12})([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

// Damaged and cut-off secrets are masked as well; 15 characters give away 89 of 256 bits at most, and an
// ordinary name is hardly ever that long without a separator.
const SECRET_LIKE = /(_(?:key|sec|tok)_[0-9a-z]{12})[0-9a-z]{16,}/gi;

/** CRC-32 as zlib computes it (RFC 1952 §8), an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    // A table of all bytes would be faster, and would cost every start more than a key costs here.
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/**
 * Writes bytes, read as one big-endian number, in base62 (`0-9A-Za-z`), padded on the left with `0`.
 *
 * @throws RangeError when the number needs more than `length` digits
 */
export function encodeBase62(bytes: Uint8Array, length: number): string {
  let number = 0n;
  for (const byte of bytes) number = (number << 8n) | BigInt(byte);
  let digits = '';
  for (; number > 0n; number /= 62n) digits = ALPHABET.charAt(Number(number % 62n)) + digits;
  if (digits.length > length) throw new RangeError(`the number needs more than ${length} base62 digits`);
  return digits.padStart(length, '0');
}

/** Draws `length` base62 characters, each equally likely. */
export function drawBase62(random: RandomBytes, length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of drawBytes(random, length - text.length)) {
      // 248 = 4 × 62: what lies above would make the first eight characters more likely.
      if (byte < 248) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}

/** Draws the part of a secret that is hashed: 256 random bits as 43 base62 characters. */
export function drawSecret(random: RandomBytes): string {
  return encodeBase62(drawBytes(random, SECRET_BYTES), SECRET_LENGTH);
}

/** The complete secret `<prefix>_<kind>_<id><secret><crc>` of its parts, which are taken as well-formed. */
export function composeSecret(prefix: string, kind: SecretKind, id: string, secret: string): string {
  const body = handleOf(prefix, kind, id) + secret;
  return body + checksum(body);
}

/**
 * Takes a presented secret apart without touching the store.
 *
 * @returns null when it is malformed: another shape or length, a character beyond ASCII, or a wrong CRC
 */
export function parseSecret(text: string): ParsedSecret | null {
  const [, prefix, kind, id, secret, crc] = SECRET.exec(text) ?? [];
  if (prefix === undefined || !isSecretKind(kind) || id === undefined || secret === undefined) return null;
  if (crc !== checksum(text.slice(0, -CRC_LENGTH))) return null;
  return { prefix, kind, id, secret, handle: handleOf(prefix, kind, id) };
}

/** The public part of a secret: says which version or token it is and gives nothing away. */
export function handleOf(prefix: string, kind: SecretKind, id: string): string {
  return `${prefix}_${kind}_${id}`;
}

/** The client id `<prefix>_id_<id>` for 16 base62 characters. */
export function clientIdOf(prefix: string, id: string): string {
  return `${prefix}_id_${id}`;
}

/** Whether the text can be a store's prefix: 2 to 12 lower-case letters and digits, a letter first. */
export function isPrefix(text: string): boolean {
  return PREFIX.test(text);
}

/**
 * A store's prefix as given by a user.
 *
 * @throws CredctlError `usage` when it cannot be one
 */
export function parsePrefix(text: string): string {
  if (isPrefix(text)) return text;
  throw usageError(
    'the prefix must be 2 to 12 lower-case letters and digits, starting with a letter',
    `'${DEFAULT_PREFIX}' is the default; 'acme' or 'acme2' would do as well`,
  );
}

/** Whether the text has the shape of a client id, whatever its prefix. */
export function isClientIdShape(text: string): boolean {
  return CLIENT_ID.test(text);
}

/** Whether the text as a whole has the shape of a secret, whether or not its CRC is right. */
export function isSecretShape(text: string): boolean {
  return SECRET.test(text);
}

/** Replaces whatever looks like a secret, complete, damaged or cut off, by its handle and `…`. */
export function maskSecrets(text: string): string {
  return text.replace(SECRET_LIKE, '$1…');
}

function checksum(body: string): string {
  const crc = crc32(Uint8Array.from(body, (character) => character.charCodeAt(0)));
  return encodeBase62(Uint8Array.of(crc >>> 24, crc >>> 16, crc >>> 8, crc), CRC_LENGTH);
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
