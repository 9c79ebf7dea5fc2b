/** Maximum edit distance of a suggestion. */
const MAX_EDITS = 3;

/** Maximum edit distance as a share of the longer word. */
const MAX_EDITED_SHARE = 0.4;

/** Minimum length of a prefix match, in characters. */
const MIN_PREFIX = 2;

/** Maximum number of valid values in a hint. */
const MAX_LISTED = 30;

/**
 * The best suggestion for `word`, case-insensitive: a candidate with that prefix, or one at a small
 * Damerau-Levenshtein distance; ties go to the longer common prefix, then to the first.
 *
 * @returns null when none is near enough
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const wanted = word.toLowerCase();
  let best: string | null = null;
  let bestScore = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const score = scoreOf(wanted, candidate.toLowerCase());
    if (score < bestScore) [best, bestScore] = [candidate, score];
  }
  return best;
}

/** Formats a hint `did you mean X? valid: A, B`, without the question when `near` is null. */
export function didYouMean(near: string | null, valid: readonly string[]): string {
  const listed = valid.slice(0, MAX_LISTED).join(', ');
  const more = valid.length > MAX_LISTED ? `, and ${valid.length - MAX_LISTED} more` : '';
  const question = near === null ? '' : `did you mean ${near}? `;
  return `${question}valid: ${valid.length === 0 ? 'none' : `${listed}${more}`}`;
}

/** Score of a candidate, lower is nearer; infinite when out of reach. */
function scoreOf(word: string, candidate: string): number {
  const longer = Math.max(word.length, candidate.length);
  if (word.length >= MIN_PREFIX && candidate.startsWith(word)) {
    return (candidate.length - word.length) / (longer + 1);
  }
  const limit = Math.min(MAX_EDITS, Math.floor(longer * MAX_EDITED_SHARE));
  // The length difference is a lower bound of the distance; this keeps long input cheap.
  if (Math.abs(word.length - candidate.length) > limit) return Number.POSITIVE_INFINITY;
  const edits = distance(word, candidate);
  if (edits > limit) return Number.POSITIVE_INFINITY;
  return edits - commonPrefix(word, candidate) / (longer + 1);
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** Optimal string alignment distance: insertions, deletions, substitutions and transpositions. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + (isSame ? 0 : 1),
          row > 1 && column > 1 && isSwap ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, b.length);
}

function at(numbers: readonly number[], index: number): number {
  return numbers[index] ?? Number.POSITIVE_INFINITY;
}
