import { type CredctlError, usageError } from '../errors.js';

/** U+FFFD, the replacement of invalid UTF-8 in decoded text (Unicode Standard, §3.9). */
const REPLACEMENT = '\ufffd';

const LONE_SURROGATE = /[\uD800-\uDFFF]/u;

/**
 * Whether text does not round-trip to bytes: it contains U+FFFD, or a lone surrogate, which UTF-8 cannot
 * encode. Node.js decodes arguments, environment variables and file names before the program sees them, so that
 * a typed U+FFFD is indistinguishable from a replacement.
 */
export function isUndecodable(text: string): boolean {
  return text.includes(REPLACEMENT) || LONE_SURROGATE.test(text);
}

/** The error for invalid UTF-8; `noun` begins its message. */
export function undecodable(noun: string): CredctlError {
  return usageError(
    `${noun} is not valid UTF-8`,
    'the character U+FFFD shows where bytes could not be read; write the text or the file name in UTF-8',
  );
}
