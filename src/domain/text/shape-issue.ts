import { quote } from './quote.js';

/** What is wrong with one place of something that should have a certain shape, as a library for shapes reports it. */
export interface ShapeIssue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  /** Entries that should not be there. */
  readonly keys?: readonly string[];
  /** The type that belongs there. */
  readonly expected?: string;
  /** The values that may stand there. */
  readonly values?: readonly unknown[];
  /** What is too small or too large: a text, an array, a number. */
  readonly origin?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  /** What a check of our own says. */
  readonly message: string;
}

const NUMBERS: ReadonlyMap<string, string> = new Map([
  ['number', 'number'],
  ['int', 'whole number'],
]);

/** Where the issue is, and what it is, in words; `whole` where it is not in some part of it. */
export function describeIssue(issue: ShapeIssue | undefined, whole: string): string {
  if (issue === undefined) return `${whole} is wrong`;
  const place = issue.path.length === 0 ? whole : quote(issue.path.map(String).join('.'));
  return `${place} ${problemOf(issue)}`;
}

function problemOf(issue: ShapeIssue): string {
  const { code, keys = [], expected = '', values = [], origin = '', minimum, maximum, message } = issue;
  const isNumber = NUMBERS.has(origin);
  switch (code) {
    case 'unrecognized_keys':
      return `has unknown entries: ${keys.map(quote).join(', ')}`;
    case 'invalid_type':
      return `is missing, or is no ${NUMBERS.get(expected) ?? expected}`;
    case 'invalid_value':
      return `should be one of: ${values.map(String).join(', ')}`;
    case 'too_small':
      return isNumber ? `is less than ${minimum}` : 'is empty';
    case 'too_big':
      return isNumber ? `is more than ${maximum}` : 'is too long';
    case 'custom':
      return message;
    default:
      return 'is wrong';
  }
}
