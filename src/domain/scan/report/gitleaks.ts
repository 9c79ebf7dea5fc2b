import { commitOf, filePlace, type ReportEntry } from './entry.js';
import { countOf, type JsonObject, textOf } from './json-values.js';

/** What `--redact` leaves: all of it, or the end of it, is replaced. */
const REDACTED = /^REDACTED$|\.\.\.$/;

/**
 * A finding in the JSON report of gitleaks 8 (`gitleaks git`, `dir`, `stdin` with `--report-format json`).
 *
 * @returns null for any other object
 */
export function gitleaksFinding(value: JsonObject): readonly ReportEntry[] | null {
  const [secret, match] = [textOf(value, 'Secret'), textOf(value, 'Match')];
  if (textOf(value, 'RuleID') === null || typeof value['File'] !== 'string') return null;
  const file = textOf(value, 'SymlinkFile') ?? textOf(value, 'File');
  const place =
    file === null
      ? null
      : filePlace(file, {
          line: countOf(value, 'StartLine'),
          lastLine: countOf(value, 'EndLine'),
          column: countOf(value, 'StartColumn'),
          commit: commitOf(textOf(value, 'Commit')),
        });
  const withheld = secret === null || REDACTED.test(secret);
  return [{ place, texts: [secret, match].filter((text) => text !== null), withheld }];
}
