import type { BlockScanner } from '../../../domain/scan/block-scanner.js';
import type { Place } from '../../../domain/scan/place.js';
import type { ParsedSecret } from '../../../domain/secret/secret-format.js';
import { type ObjectFound, scanAllObjects } from './objects.js';
import { type Origin, originsOf } from './origins.js';
import type { Repository } from './repositories.js';

/** What a scan of a history tells. */
export interface HistoryReport {
  found(secret: ParsedSecret, place: Place): void;
  scanned(bytes: number): void;
  missing(id: string): void;
  damaged(id: string, why: string): void;
}

/**
 * Scans every object of a repository, and looks up where those come from in which something is. A path is told once for
 * each secret, with its oldest commit.
 *
 * @param shown a path in the repository, as people read it
 * @throws GitFailed; what was found by then has been told
 */
export async function scanHistory(
  { git, directory }: Repository,
  shown: (path: string) => string,
  isExcluded: (path: string) => boolean,
  scanner: () => BlockScanner,
  report: HistoryReport,
): Promise<void> {
  const objects = new Map<string, ObjectFound>();
  let fault: unknown = null;
  const { scanned, missing, damaged } = report;
  const object = (found: ObjectFound): void => void objects.set(found.id, found);
  await scanAllObjects(git, directory, scanner, { object, scanned, missing, damaged }).catch(
    (caught: unknown) => {
      fault = caught;
    },
  );
  if (objects.size > 0) {
    const ids = new Set(objects.keys());
    const origins = await originsOf(git, directory, ids).catch((caught: unknown) => {
      fault ??= caught;
      return new Map<string, readonly Origin[]>();
    });
    for (const { secret, order: _order, path, ...place } of oldestPlaces(
      [...objects.values()],
      origins,
      isExcluded,
    )) {
      report.found(secret, { ...place, path: shown(path) });
    }
  }
  if (fault !== null) throw fault;
}

type FoundPlace = Place & { readonly secret: ParsedSecret; readonly order: number };

/** Each path once for a secret, as it was in the oldest commit; still there at HEAD if any of its objects is. */
function oldestPlaces(
  objects: readonly ObjectFound[],
  origins: ReadonlyMap<string, readonly Origin[]>,
  isExcluded: (path: string) => boolean,
): Iterable<FoundPlace> {
  const places = new Map<string, FoundPlace>();
  for (const { id, type, found } of objects) {
    for (const { path: origin, commit, order, atHead } of origins.get(id) ?? [unreferenced(id, type)]) {
      if (origin !== null && isExcluded(origin)) continue;
      const path = origin ?? `${type} ${id.slice(0, 12)}`;
      for (const { secret, encoding, line, column } of found) {
        const key = `${secret.handle}${secret.secret} ${path}`;
        const known = places.get(key);
        const isAtHead = known?.atHead === true ? true : atHead;
        const place = { secret, path, encoding, line, column, commit, order, atHead: isAtHead };
        places.set(key, known === undefined || order < known.order ? place : { ...known, atHead: isAtHead });
      }
    }
  }
  return places.values();
}

/** A commit or a tag is its own origin, in no tree; a blob without one was never committed, or its commits are gone. */
function unreferenced(
  id: string,
  type: string,
): Omit<Origin, 'atHead'> & { readonly atHead: boolean | null } {
  return {
    path: null,
    commit: type === 'commit' ? id : null,
    order: 0,
    atHead: type === 'blob' ? false : null,
  };
}
