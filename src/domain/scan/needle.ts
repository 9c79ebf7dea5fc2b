/** How a secret stands in the bytes where it was found. */
export type Encoding = 'text' | 'utf-16' | 'base64' | 'percent';

/** Finds a needle in bytes from an offset on; -1 where there is none. Passed in, since the fast one is Node's. */
export type ByteSearch = (bytes: Uint8Array, needle: Uint8Array, from: number) => number;

/** Bytes that every secret of a prefix has in one encoding, and that little else has. */
export interface Needle {
  readonly encoding: Encoding;
  readonly prefix: string;
  readonly bytes: Uint8Array;
  /** base64: how many bytes of the secret end before the first group of four that is decoded. */
  readonly known: number;
  /** base64: the distance from the needle to that group, in characters. */
  readonly toGroup: number;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BITS_OF_BYTE = 8;
const BITS_OF_CHARACTER = 6;

/** What the secrets of a prefix can be found by, in every encoding. */
export function needlesOf(prefix: string): readonly Needle[] {
  const start = `${prefix}_`;
  const plain = { prefix, known: 0, toGroup: 0 };
  return [
    { ...plain, encoding: 'text', bytes: ascii(start) },
    // Between the bytes of UTF-16, big-endian and little-endian look alike.
    { ...plain, encoding: 'utf-16', bytes: ascii([...start].join('\0')) },
    ...[0, 1, 2].map((alignment) => inBase64(prefix, start, alignment)),
    // What is percent-encoded in a secret is at least its two underscores.
    { ...plain, encoding: 'percent', bytes: ascii('%5F') },
    { ...plain, encoding: 'percent', bytes: ascii('%5f') },
  ];
}

/**
 * The base64 characters (RFC 4648 §4) that are the same whatever stands around a text that begins `alignment` bytes into
 * a group of three.
 */
function inBase64(prefix: string, start: string, alignment: number): Needle {
  const first = Math.ceil((alignment * BITS_OF_BYTE) / BITS_OF_CHARACTER);
  const end = Math.floor(((alignment + start.length) * BITS_OF_BYTE) / BITS_OF_CHARACTER);
  const bytes = [...new Array<number>(alignment).fill(0), ...ascii(start)];
  const characters: number[] = [];
  for (let at = first; at < end; at += 1) characters.push(BASE64.charCodeAt(sextet(bytes, at)));
  return {
    encoding: 'base64',
    prefix,
    bytes: Uint8Array.from(characters),
    known: alignment === 0 ? 0 : 3 - alignment,
    toGroup: alignment === 0 ? 0 : 4 - first,
  };
}

/** The six bits of base64 character number `at`. */
function sextet(bytes: readonly number[], at: number): number {
  const bit = at * BITS_OF_CHARACTER;
  const byte = Math.floor(bit / BITS_OF_BYTE);
  const pair = ((bytes[byte] ?? 0) << BITS_OF_BYTE) | (bytes[byte + 1] ?? 0);
  return (pair >>> (2 * BITS_OF_BYTE - BITS_OF_CHARACTER - (bit % BITS_OF_BYTE))) & 0b111111;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
