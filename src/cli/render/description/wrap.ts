/** Wraps a text at spaces. A word that is longer than a line has a line of its own, whole. Never empty. */
export function wrapWords(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line: string | null = null;
  for (const word of text.split(' ')) {
    const joined: string = line === null ? word : `${line} ${word}`;
    if (line !== null && [...joined].length > columns) {
      lines.push(line);
      line = word;
    } else line = joined;
  }
  return [...lines, line ?? ''];
}

/** Lines with spaces before each. */
export function indented(lines: readonly string[], columns: number): string {
  return lines.map((line) => `${' '.repeat(columns)}${line}\n`).join('');
}
