import { commitOf, filePlace, otherPlace, type ReportEntry, type ReportedPlace } from './entry.js';
import { countOf, isObject, type JsonObject, member, textOf } from './json-values.js';

/** Members of a source's metadata that name a file, in the order in which they are believed. */
const PATHS = ['file', 'path', 'filename'];

/** Sources whose files lie in a worktree or on this machine. */
const LOCAL: ReadonlySet<string> = new Set([
  ...['Filesystem', 'Git', 'Github', 'Gitlab', 'Bitbucket', 'Gerrit', 'AzureRepos'],
]);

/**
 * A line of trufflehog 3 (`--json`): `SourceMetadata.Data` has one member, named after the source.
 *
 * @returns null for any other object
 */
export function trufflehogResult(value: JsonObject): readonly ReportEntry[] | null {
  const raw = textOf(value, 'Raw');
  const metadata = member(value, 'SourceMetadata');
  if (metadata === undefined || textOf(value, 'DetectorName') === null) return null;
  const texts = [raw, textOf(value, 'RawV2')].filter((text) => text !== null);
  return [{ place: isObject(metadata) ? placeOf(metadata) : null, texts, withheld: texts.length === 0 }];
}

function placeOf(metadata: JsonObject): ReportedPlace | null {
  const data = member(metadata, 'Data');
  const [source, details] = isObject(data) ? (Object.entries(data)[0] ?? []) : [];
  if (source === undefined) return null;
  if (!isObject(details)) return otherPlace(source);
  const path = PATHS.map((name) => textOf(details, name)).find((text) => text !== null);
  if (path === undefined) return otherPlace(textOf(details, 'link') ?? source);
  const place = filePlace(path, {
    line: countOf(details, 'line'),
    commit: commitOf(textOf(details, 'commit')),
  });
  return LOCAL.has(source) ? place : { ...place, isFile: false };
}
