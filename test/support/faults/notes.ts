/** What stands on stderr besides notes, such as the one on what stops, and the lines that belong to them. */
export function withoutNotes(stderr: string): string {
  return stderr.replaceAll(/^note: .*\n(?: {2}.*\n)*/gm, '');
}
