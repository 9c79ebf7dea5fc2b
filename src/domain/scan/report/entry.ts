/** One finding of another scanner. */
export interface ReportEntry {
  /** Where it was found, by that scanner; null where the report does not tell. */
  readonly place: ReportedPlace | null;
  /** What the report shows of the secret: a later text counts where nothing is found in those before it. */
  readonly texts: readonly string[];
  /** The report keeps the secret back: it is to be read at its place. */
  readonly withheld: boolean;
}

/** A place as another scanner tells it. */
export interface ReportedPlace {
  /** Of a file as a rule; an address or a name where it is none. */
  readonly path: string;
  /** From 1 on; null where it is not known. */
  readonly line: number | null;
  /** The last line; null for that of {@link ReportedPlace.line}. */
  readonly lastLine: number | null;
  /** From 1 on, as that scanner counts; null where it is not known. */
  readonly column: number | null;
  readonly commit: string | null;
  /** SHA-1 of the secret, in hexadecimal: it tells the secret where lines have moved; null where it is not known. */
  readonly sha1: string | null;
  /** Whether it is a file, which can be read. */
  readonly isFile: boolean;
}

/** The place of a file of which only the path is known. */
export function filePlace(
  path: string,
  known: Partial<Omit<ReportedPlace, 'path' | 'isFile'>> = {},
): ReportedPlace {
  return { path, line: null, lastLine: null, column: null, commit: null, sha1: null, ...known, isFile: true };
}

/** A place that is no file. */
export function otherPlace(path: string): ReportedPlace {
  return { ...filePlace(path), isFile: false };
}

/** A commit as git names it: SHA-1 or SHA-256, in full; null for any other text. */
export function commitOf(text: string | null): string | null {
  return text !== null && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text) ? text : null;
}
