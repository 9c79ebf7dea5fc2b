import type { Encoding } from './needle.js';

/** Where a secret was found. */
export interface Place {
  /** As people read it: bytes that are no UTF-8 are replaced. */
  readonly path: string;
  /** From 1 on; null where it is not known. */
  readonly line: number | null;
  /** From 1 on, in UTF-16 code units; null where it is not known. */
  readonly column: number | null;
  readonly encoding: Encoding;
  /** The oldest commit that has it; null outside history, and where no commit has it. */
  readonly commit: string | null;
  /** Whether the present commit still has it; null outside history. */
  readonly atHead: boolean | null;
}

/** A place in one text: `path:line:column`, with the commit where there is one. */
export function positionText({ path, line, column, commit }: Omit<Place, 'encoding' | 'atHead'>): string {
  const position = [path, line, column].filter((part) => part !== null).join(':');
  return commit === null ? position : `${position}@${commit.slice(0, 12)}`;
}
