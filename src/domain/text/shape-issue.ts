import { quote } from './quote.js';

/** A validation issue, in the shape that zod reports. */
export interface ShapeIssue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  /** Unknown keys. */
  readonly keys?: readonly string[];
  /** The expected type. */
  readonly expected?: string;
  /** The allowed values. */
  readonly values?: readonly unknown[];
  /** The type of a value that is too small or too large: a text, an array, a number. */
  readonly origin?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  /** Message of a custom check. */
  readonly message: string;
}

const NUMBERS: ReadonlyMap<string, string> = new Map([
  ['number', 'number'],
  ['int', 'whole number'],
]);

/** Describes an issue with its path; `whole` names the root. */
export function describeIssue(issue: ShapeIssue | undefined, whole: string): string {
  if (issue === undefined) return `${whole} is wrong`;
  const place = issue.path.length === 0 ? whole : quote(placeOf(issue.path));
  return `${place} ${problemOf(issue)}`;
}

/** A path as in `apis[1].permissions[0].id`. */
function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`,
    )
    .join('');
}

/** A word with its article. */
function article(word: string): string {
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
}

function problemOf(issue: ShapeIssue): string {
  const { code, keys = [], expected = '', values = [], origin = '', minimum, maximum, message } = issue;
  const isNumber = NUMBERS.has(origin);
  switch (code) {
    case 'unrecognized_keys':
      return `has unknown entries: ${keys.map(quote).join(', ')}`;
    case 'invalid_type':
      return `is missing, or is not ${article(NUMBERS.get(expected) ?? expected)}`;
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
