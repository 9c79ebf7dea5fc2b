import { type CredctlError, usageError } from '../errors.js';

/** U+FFFD, which stands in decoded text for bytes that were not valid UTF-8 (Unicode Standard, §3.9). */
const REPLACEMENT = '\ufffd';

const LONE_SURROGATE = /[\uD800-\uDFFF]/u;

/**
 * Whether text cannot be written as the bytes it came from: it holds U+FFFD, or half of a surrogate pair, which UTF-8
 * cannot express. Node.js decodes arguments, environment variables and names of files before a program sees them, so
 * that a U+FFFD that was typed cannot be told from one that stands for other bytes.
 */
export function isUndecodable(text: string): boolean {
  return text.includes(REPLACEMENT) || LONE_SURROGATE.test(text);
}

/** The failure of what is not valid UTF-8; `noun` begins its message. */
export function undecodable(noun: string): CredctlError {
  return usageError(
    `${noun} is not valid UTF-8`,
    'the character U+FFFD stands for bytes that could not be read; write texts and name files in UTF-8',
  );
}
