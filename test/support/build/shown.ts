/** What is another one each time, and stands shortened in a page. */
const VOLATILE: readonly (readonly [what: RegExp, name: string])[] = [
  [/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g, '<time>'],
  [/\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} UTC/g, '<time>'],
  [/just now|\d+ (?:minute|hour)s? ago/g, '<ago>'],
  // How wide a column is depends on how long ago that is.
  [/(?<=\S) {2,}/g, '  '],
  [/\bcctl_(key|sec|tok)_[0-9A-Za-z]+…?/g, '<$1>'],
  [/\bcctl_id_[0-9A-Za-z]{16}\b/g, '<client-id>'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{8}-…/g, '<id>'],
  [/^head: [0-9a-f]+…?$/gm, 'head: <hash>'],
  [/^size: .*$/gm, 'size: <size>'],
  [/\S+(?=\/credctl\/credctl\.db)/g, '<data>'],
  [/"?\/[\w./-]+(?=\/[\w-]+\.db\b)/g, '<directory>'],
  [/ by \S+@\S+$/gm, ' by <you>'],
];

/** Lines as a test compares them, in alphabetical order: two streams on one screen are in any order. */
export function linesOf(text: string): readonly string[] {
  const named = VOLATILE.reduce((rest, [what, name]) => rest.replaceAll(what, name), text);
  return named
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trimEnd())
    .sort();
}
