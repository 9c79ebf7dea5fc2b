import { escapeOf, safeForTerminal } from './safe-text.js';

/** Maximum length of a quoted text in messages, in code points. */
const MAX_SHOWN = 80;

// Wider than the exact shape: also matches secrets with a wrong prefix, in the wrong case or truncated.
const REST_OF_SECRET = /(?<=_(?:key|sec|tok)_[0-9a-z]{12})[0-9a-z]+/i;

/**
 * Quotes untrusted text for a message: in double quotes, with `"` and `\\` after a backslash and all that does not print,
 * or not alone, escaped as in {@link safeForTerminal}; truncated with `…` after 80 characters; in anything that looks like
 * a secret, what follows the handle becomes `…`.
 */
export function quote(text: string): string {
  const shown = text.split(REST_OF_SECRET).flatMap((part, index) => {
    const characters = Array.from(part, escaped);
    return index === 0 ? characters : ['…', ...characters];
  });
  const start = shown.slice(0, MAX_SHOWN).join('');
  const isCut = shown.length > MAX_SHOWN && !start.endsWith('…');
  return `"${start}${isCut ? '…' : ''}"`;
}

function escaped(character: string, index: number): string {
  if (/^[ -~]$/.test(character)) return /["\\]/.test(character) ? `\\${character}` : character;
  const isUnseen = unseen().test(character) || (index === 0 && combining().test(character));
  return isUnseen ? escapeOf(character) : safeForTerminal(character);
}

// Also blanks that look like a space, and characters without a glyph that every machine has. Functions, as the expressions
// take half a millisecond to compile.
const unseen = (): RegExp => /[\p{Z}\p{Cn}\p{Co}]/u;

// Would be drawn on the quotation mark.
const combining = (): RegExp => /\p{M}/u;

/** Quotes a word for a POSIX shell, so that names and paths in hints can be pasted. */
export function shellWord(word: string): string {
  return /^[\w./@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Quotes a command within a sentence in single quotes, unless one of its words has its own: nested quotes would
 * let a pasted name inject shell code.
 */
export function shellCommand(command: string): string {
  return command.includes("'") ? command : `'${command}'`;
}
