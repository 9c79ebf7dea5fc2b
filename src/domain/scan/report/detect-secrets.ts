import { filePlace, type ReportEntry } from './entry.js';
import { countOf, isList, isObject, type JsonObject, member, textOf } from './json-values.js';

/**
 * A baseline of detect-secrets, which is also what `detect-secrets scan` prints. It has SHA-1 hashes and places only.
 *
 * @returns null for any other object
 */
export function detectSecretsBaseline(value: JsonObject): readonly ReportEntry[] | null {
  const results = member(value, 'results');
  if (!isObject(results) || !isList(member(value, 'plugins_used'))) return null;
  return Object.entries(results).flatMap(([path, secrets]) =>
    (isList(secrets) ? secrets : []).filter(isObject).map((secret) => ({
      place: filePlace(textOf(secret, 'filename') ?? path, {
        line: countOf(secret, 'line_number'),
        sha1: textOf(secret, 'hashed_secret'),
      }),
      texts: [],
      withheld: true,
    })),
  );
}
