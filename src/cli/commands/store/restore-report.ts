import { maskSecrets } from '../../../domain/secret/secret-format.js';
import { counted } from '../../../domain/text/counted.js';
import type { Restored } from '../../../usecases/store/restore/result.js';
import type { GlobalOptions } from '../../flags/global.js';
import type { Host } from '../../host/host.js';
import { jsonDocument } from '../../render/json.js';
import { note } from '../../session.js';

/** Maximum number of names per line of the report. */
const NAMED = 10;

/** Reports the result of a restore, and what the user has to follow up. */
export function reportRestored(
  host: Host,
  globals: GlobalOptions,
  {
    file,
    location,
    restored,
  }: { readonly file: string; readonly location: string; readonly restored: Restored },
): void {
  if (globals.json) {
    host.out.write(
      jsonDocument({
        restored: {
          file: maskSecrets(file),
          location: maskSecrets(location),
          store_id: restored.storeId,
          new_id: restored.isNewId,
          credentials: restored.credentials,
          kept_as: restored.keptAs === null ? null : maskSecrets(restored.keptAs),
          known_from: restored.knownFrom,
          still_deleted: restored.stillDeleted,
          removed: restored.removed,
          withheld: restored.withheld,
          not_believed: restored.notBelieved,
          deactivated: restored.deactivated,
          without_secret: restored.withoutSecret,
          audit_continued: restored.hasTrail,
          catalog_kept: restored.keepsCatalog,
        },
      }),
    );
    return;
  }
  for (const line of linesOf(restored)) note(host, globals, line);
}

function linesOf(restored: Restored): readonly string[] {
  const { stillDeleted, removed, withheld, deactivated, withoutSecret } = restored;
  const lost = restored.knownFrom !== 'present-store';
  const isUnknown = lost && !restored.hasTrail;
  return [
    `restored ${counted(restored.credentials, 'credential')}`,
    ...(restored.keptAs === null ? [] : [`the replaced store is kept as ${restored.keptAs}`]),
    ...about(stillDeleted, 'deleted since the backup, and still deleted'),
    ...about(removed, 'created since the backup, and deleted'),
    ...about(
      withheld.map(({ name, what }) => `${name} (${what.join(', ').replaceAll('_', ' ')})`),
      'restored only in part, because something was taken away after the backup',
    ),
    ...about(
      restored.notBelieved.map(({ name, what }) => `${name} (${what.join(', ')})`),
      'corrected: the audit trail contradicts the backup',
    ),
    ...about(withoutSecret, "without a working secret; give each a new one with 'credctl rotate NAME'"),
    ...(isUnknown
      ? ['credctl could not find out what was deleted, revoked or narrowed after the backup']
      : []),
    ...about(
      deactivated,
      `${isUnknown ? 'therefore inactive' : 'inactive'}; check each, then run 'credctl activate NAME'`,
    ),
    ...(restored.keepsCatalog
      ? ['the catalog was not restored; to see the one in the backup: credctl catalog show --store FILE']
      : []),
    ...(restored.isScrubbed
      ? []
      : [
          'another process is reading the store: deleted data stays in the log file of the store until it ends',
        ]),
    ...(restored.isNewId
      ? ['the restored store has a new id: entries in the keychain belong to the original']
      : []),
    ...(restored.hasTrail || !lost ? [] : ['the audit trail continues from the last event of the backup']),
  ];
}

function about(names: readonly string[], what: string): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length > NAMED ? `, and ${names.length - NAMED} more` : '';
  return [`${what}: ${names.slice(0, NAMED).join(', ')}${more}`];
}
