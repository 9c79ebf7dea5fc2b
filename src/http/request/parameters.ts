import { oauthError, WireError } from '../wire-error.js';

/** Parameters of an OAuth request, from a form or a JSON body. */
export interface Parameters {
  /** The value of a parameter; null when it is absent or empty (RFC 6749 §3.2). */
  get(name: string): string | null;
}

/** Parsed parameters of a body, of any type. */
export type BodyParameters = ReadonlyMap<string, unknown>;

/** Parameters allowed several times: RFC 8707 §2, and `audience` as in its predecessors. */
const REPEATABLE: ReadonlySet<string> = new Set(['resource', 'audience']);

/**
 * Parses a form body.
 *
 * @throws WireError `invalid_request` when a parameter is given twice
 */
export function parseForm(body: string): BodyParameters {
  const values = new Map<string, unknown>();
  for (const [name, value] of new URLSearchParams(body)) {
    if (values.has(name) && !REPEATABLE.has(name)) throw invalid('a parameter is given twice');
    values.set(name, value);
  }
  return values;
}

/**
 * Parses a JSON body.
 *
 * @throws WireError `invalid_request` when it is not a JSON object, or names a member twice
 */
export function parseJson(body: string): BodyParameters {
  const members = parsed(body);
  if (typeof members !== 'object' || members === null || Array.isArray(members)) {
    throw invalid('the body is not a JSON object');
  }
  const entries = Object.entries(members);
  if (memberCount(body) !== entries.length) throw invalid('a parameter is given twice');
  return new Map(entries);
}

/**
 * Selects the known parameters; others are ignored, and null counts as absent (RFC 6749 §3.2).
 *
 * @throws WireError `invalid_request` that names a parameter that is not text
 */
export function knownParameters(body: BodyParameters, known: readonly string[]): Parameters {
  const values = new Map(known.map((name) => [name, textOf(name, body.get(name))]));
  return { get: (name) => values.get(name) || null };
}

function textOf(name: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  if (!REPEATABLE.has(name)) throw invalid(`${name} is not a string`);
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = values.filter((each) => each !== null);
  if (!texts.every((each) => typeof each === 'string')) {
    throw invalid(`${name} is neither a string nor a list of strings`);
  }
  return texts.at(-1) ?? null;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw invalid('the body is not JSON');
  }
}

/** Counts the top-level members of a JSON object, as a parser keeps only the last one of the same name. */
function memberCount(json: string): number {
  let depth = 0;
  let count = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}:]/g)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (token === ':' && depth === 1) count += 1;
  }
  return count;
}

function invalid(description: string): WireError {
  return new WireError(oauthError('invalid_request', description));
}
