/** A number with its noun: `1 credential`, `12 credentials`. The noun forms its plural with an s. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
