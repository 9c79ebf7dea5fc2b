import type { ScanReport, ScanScope } from '../../../domain/ports/scan-port.js';
import type { BlockScanner, Located } from '../../../domain/scan/block-scanner.js';
import type { ReportEntry, ReportedPlace } from '../../../domain/scan/report/entry.js';
import { composeSecret, type ParsedSecret } from '../../../domain/secret/secret-format.js';
import { crypto } from '../../../files/crypto.js';
import { excludedBy } from '../paths.js';
import { scannerOf } from '../scanner.js';
import { ReportedFiles } from './reported-files.js';

/**
 * Scans what another scanner has reported: the texts in the report, and the places of what it keeps back.
 *
 * @param directory where its files are looked for
 * @param input what the report is called, where it names no place
 */
export async function scanReported(
  env: Readonly<Record<string, string | undefined>>,
  directory: string,
  input: string,
  entries: readonly ReportEntry[],
  scope: ScanScope,
  report: ScanReport,
): Promise<void> {
  const scanner = scannerOf(scope);
  const files = new ReportedFiles(env, directory, scanner, report.scanned);
  const isExcluded = excludedBy(scope.excluded);
  const unreadable = new Set<string>();
  for (const entry of entries) {
    const { place } = entry;
    if (place?.isFile === true && isExcluded(place.path, false)) continue;
    if (tellTexts(report, input, entry, scanner) || !entry.withheld) continue;
    const why = place === null ? UNPLACED : await tellPlace(report, place, files);
    const path = place?.path ?? input;
    if (why === null || unreadable.has(path)) continue;
    unreadable.add(path);
    report.unreadable(path, why);
  }
}

const UNPLACED = 'the report tells neither a secret nor its file';

/** @returns whether something was found */
function tellTexts(
  report: ScanReport,
  input: string,
  { texts, place }: ReportEntry,
  scanner: () => BlockScanner,
): boolean {
  for (const text of texts) {
    const found = scanner().push(Buffer.from(text), true);
    for (const each of found)
      tell(report, each.secret, each, relativeTo(place, each), place?.path ?? input, place);
    if (found.length > 0) return true;
  }
  return false;
}

/**
 * Reads a place of which the report shows no secret.
 *
 * @returns why it cannot be read; null where it was
 */
async function tellPlace(
  report: ScanReport,
  place: ReportedPlace,
  files: ReportedFiles,
): Promise<string | null> {
  if (!place.isFile) return UNPLACED;
  const scan = await files.scan(place.path, place.commit);
  if (scan.kind === 'unreadable') return scan.why;
  for (const each of scan.found) {
    if (isThere(place, each)) tell(report, each.secret, each, each, place.path, place);
  }
  return null;
}

/** In its lines, or the secret itself elsewhere in the file, since lines move. */
function isThere({ line, lastLine, sha1 }: ReportedPlace, found: Located): boolean {
  if (line === null || (found.line >= line && found.line <= (lastLine ?? line))) return true;
  return sha1 !== null && sha1 === sha1Of(found.secret);
}

function sha1Of({ prefix, kind, id, secret }: ParsedSecret): string {
  return crypto()
    .createHash('sha1')
    .update(composeSecret(prefix, kind, id, secret))
    .digest('hex');
}

interface LineAndColumn {
  readonly line: number | null;
  readonly column: number | null;
}

/** A place in a text, as one in the file that the text is from. */
function relativeTo(place: ReportedPlace | null, found: Located): LineAndColumn {
  if (place === null || place.line === null) return { line: null, column: null };
  const column = found.line === 1 && place.column !== null ? place.column + found.column - 1 : null;
  return { line: place.line + found.line - 1, column };
}

function tell(
  report: ScanReport,
  secret: ParsedSecret,
  { encoding }: Located,
  { line, column }: LineAndColumn,
  path: string,
  place: ReportedPlace | null,
): void {
  report.found(secret, { path, line, column, encoding, commit: place?.commit ?? null, atHead: null });
}
