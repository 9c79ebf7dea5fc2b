/**
 * The text of a shell script as it stands: backslashes are the script's own, and only `\${` is written otherwise
 * than in the script.
 */
export function script(parts: TemplateStringsArray, ...inserted: readonly string[]): string {
  return String.raw(
    { raw: parts.raw.map((part) => part.replaceAll(/\\(?=\$\{)/g, '')) },
    ...inserted,
  ).replace(/^\n/, '');
}

/** A backquote that a pattern takes literally; template literals cannot hold it. */
export const BACKQUOTE = '\\`';

/** A word as bash and zsh take it literally. */
export function quotedForSh(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A word as fish takes it literally. */
export function quotedForFish(word: string): string {
  return `'${word.replaceAll(/['\\]/g, '\\$&')}'`;
}
