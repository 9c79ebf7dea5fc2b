/** Cuts a text to a width in its middle: what tells names and resources apart is mostly at their ends. */
export function withoutMiddle(text: string, width: number): string {
  const characters = [...text];
  const start = Math.max(0, Math.floor((width - 1) / 3));
  const end = Math.max(0, width - 1 - start);
  if (characters.length <= width) return text;
  return `${characters.slice(0, start).join('')}…${characters.slice(characters.length - end).join('')}`;
}
