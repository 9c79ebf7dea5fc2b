/** The most characters (code points) of a text that an error message repeats. */
const MAX_SHOWN = 80;

// Wider than the exact shape: a secret with a wrong prefix, in the wrong case or cut off is one too.
const REST_OF_SECRET = /(?<=_(?:key|sec|tok)_[0-9a-z]{12})[0-9a-z]+/i;

/**
 * Shows text from a user or the store inside a message: in double quotes, with everything but printable ASCII
 * escaped as in JSON (RFC 8259 §7), cut off with `…` after 80 characters, and with `…` for what follows the
 * handle in anything that looks like a secret.
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

function escaped(character: string): string {
  return JSON.stringify(character)
    .slice(1, -1)
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A word as a POSIX shell takes it: in a hint, a name or a path is there to be pasted. */
export function shellWord(word: string): string {
  return /^[\w./@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * A command inside a sentence: in single quotes, unless a word of it needs them itself. Pasted with quotes around quotes, what
 * stands in a name would be the shell's.
 */
export function shellCommand(command: string): string {
  return command.includes("'") ? command : `'${command}'`;
}
