import type { Needle } from './needle.js';

/** ASCII text that was decoded from bytes, and where it begins and ends there. */
export interface Decoded {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const UNDERSCORE = 0x5f;
const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const BITS_OF_CHARACTER = 6;

const BETWEEN_LINES = new Set(Array.from('\n\r\t "\'#>*,', (character) => character.charCodeAt(0)));

/** The longest break of a line inside base64 that is passed over, with the indentation after it. */
const LONGEST_BREAK = 64;

/** The longest secret, with each character percent-encoded, and as much before its first underscore. */
const LONGEST_PERCENT = 3 * 80;

/** The text of `length` characters that begins at a needle, as its encoding has it; null where there is none. */
export function decodedAt(bytes: Uint8Array, at: number, needle: Needle, length: number): Decoded | null {
  switch (needle.encoding) {
    case 'text':
      return everyNth(bytes, at, length, 1);
    case 'utf-16':
      return everyNth(bytes, at, length, 2);
    case 'base64':
      return fromBase64(bytes, at, needle, length);
    case 'percent':
      return fromPercent(bytes, at, needle.prefix, length);
  }
}

/** One byte of every `step`; those between are 0. */
function everyNth(bytes: Uint8Array, start: number, length: number, step: number): Decoded | null {
  const end = start + (length - 1) * step + 1;
  if (end > bytes.length) return null;
  let text = '';
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if ((at - start) % step !== 0) {
      if (byte !== 0) return null;
    } else if (isWord(byte)) text += String.fromCharCode(byte);
    else return null;
  }
  return { text, start, end };
}

/** Decodes from the first whole group of four characters on; what ends before it is known from the needle. */
function fromBase64(bytes: Uint8Array, start: number, needle: Needle, length: number): Decoded | null {
  let text = `${needle.prefix}_`.slice(0, needle.known);
  let at = start + needle.toGroup;
  let held = 0;
  let bits = 0;
  while (text.length < length) {
    const value = sextetOf(bytes[at] ?? 0);
    if (value === -1) {
      const next = afterBreak(bytes, at);
      if (next === at) return null;
      at = next;
      continue;
    }
    at += 1;
    held = ((held << BITS_OF_CHARACTER) | value) & 0xfff;
    bits += BITS_OF_CHARACTER;
    if (bits < 8) continue;
    bits -= 8;
    const byte = (held >>> bits) & 0xff;
    if (!isWord(byte)) return null;
    text += String.fromCharCode(byte);
  }
  return { text, start, end: at };
}

/**
 * The end of a break at `at`: white space, line breaks as JSON writes them, and what begins or ends a line in comments,
 * quotations and literals over several lines.
 */
function afterBreak(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end - at < LONGEST_BREAK) {
    const byte = bytes[end] ?? 0;
    if (BETWEEN_LINES.has(byte)) end += 1;
    else if (byte === BACKSLASH && (bytes[end + 1] === 0x6e || bytes[end + 1] === 0x72)) end += 2;
    else break;
  }
  return end;
}

/**
 * Decodes around an encoded underscore, when it is the first one of a secret: the prefix ends before it
 * (RFC 3986 §2.1).
 */
function fromPercent(bytes: Uint8Array, underscore: number, prefix: string, length: number): Decoded | null {
  const start = beginOfEncoded(bytes, underscore, prefix);
  if (start === null) return null;
  const limit = Math.min(bytes.length, start + LONGEST_PERCENT);
  let text = '';
  let at = start;
  while (text.length < length && at < limit) {
    const byte = bytes[at] ?? 0;
    const decoded = byte === PERCENT ? percentByte(bytes, at) : byte;
    if (decoded === null || !isWord(decoded)) return null;
    text += String.fromCharCode(decoded);
    at += byte === PERCENT ? 3 : 1;
  }
  return text.length === length ? { text, start, end: at } : null;
}

/** Where the prefix begins whose end is at `end`, its characters encoded or not; null where it is not there. */
function beginOfEncoded(bytes: Uint8Array, end: number, prefix: string): number | null {
  let at = end;
  for (let index = prefix.length - 1; index >= 0; index -= 1) {
    const wanted = prefix.charCodeAt(index);
    if (bytes[at - 3] === PERCENT && percentByte(bytes, at - 3) === wanted) at -= 3;
    else if (bytes[at - 1] === wanted) at -= 1;
    else return null;
  }
  return at;
}

function percentByte(bytes: Uint8Array, at: number): number | null {
  const high = hexDigit(bytes[at + 1] ?? 0);
  const low = hexDigit(bytes[at + 2] ?? 0);
  return high === -1 || low === -1 ? null : high * 16 + low;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const upper = byte & 0xdf;
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x41 + 10 : -1;
}

/** The value of a base64 character of either alphabet (RFC 4648 §4, §5); -1 for any other byte. */
function sextetOf(byte: number): number {
  if (byte >= 0x41 && byte <= 0x5a) return byte - 0x41;
  if (byte >= 0x61 && byte <= 0x7a) return byte - 0x61 + 26;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30 + 52;
  if (byte === 0x2b || byte === 0x2d) return 62;
  return byte === 0x2f || byte === UNDERSCORE ? 63 : -1;
}

function isWord(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === UNDERSCORE
  );
}
