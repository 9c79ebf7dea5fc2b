import { oauthError, WireError } from './wire-error.js';

/** The parameters of an OAuth request, whichever form its body had. */
export interface Parameters {
  /** The one value of a parameter; null when it is absent or empty (RFC 6749 §3.2). */
  get(name: string): string | null;
}

/** May be given several times: RFC 8707 §2, and `audience` as its predecessors have it. */
const REPEATABLE: ReadonlySet<string> = new Set(['resource', 'audience']);

/** @throws WireError `invalid_request` when a parameter is given twice */
export function parseForm(body: string): Parameters {
  return parameters(new URLSearchParams(body));
}

/** @throws WireError `invalid_request` when it is no JSON object of texts, or names a member twice */
export function parseJson(body: string): Parameters {
  const members = parsed(body);
  if (typeof members !== 'object' || members === null || Array.isArray(members)) {
    throw invalid('the body is not a JSON object');
  }
  const entries = Object.entries(members).flatMap(([name, value]): [string, string][] => {
    if (typeof value === 'string') return [[name, value]];
    if (!REPEATABLE.has(name) || !Array.isArray(value)) throw invalid('a parameter is not a string');
    return value.map((each) => {
      if (typeof each !== 'string') throw invalid('a parameter is not a string');
      return [name, each];
    });
  });
  if (memberCount(body) !== Object.keys(members).length) throw invalid('a parameter is given twice');
  return parameters(entries);
}

export const NO_PARAMETERS: Parameters = { get: () => null };

function parameters(entries: Iterable<readonly [string, string]>): Parameters {
  const values = new Map<string, string>();
  for (const [name, value] of entries) {
    if (values.has(name) && !REPEATABLE.has(name)) throw invalid('a parameter is given twice');
    values.set(name, value);
  }
  return { get: (name) => values.get(name) || null };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw invalid('the body is not JSON');
  }
}

/** The members at the top of a JSON object, of which a parser keeps only the last with the same name. */
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
