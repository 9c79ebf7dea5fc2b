import type { StoreReader } from '../../domain/ports/store-port.js';
import {
  allApis,
  type Catalog,
  formatResource,
  RESOURCE_LEVELS,
  resourcesAt,
} from '../../domain/scope/catalog.js';
import { formatScope } from '../../domain/scope/scope.js';
import { nameKey } from '../../domain/text/name.js';
import { safeForTerminal } from '../../domain/text/safe-text.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { reading } from '../session.js';
import { NAME_KINDS, type NameKind } from './sources.js';

/** More than anybody reads. */
const MOST_CANDIDATES = 300;

/** Some names cannot be offered, so that more are read. */
const MOST_READ = 1_000;

/** Who completes a word wants candidates or silence: whatever goes wrong, there is just nothing to offer. */
export async function printCandidates(
  host: Host,
  globals: GlobalOptions,
  kind: string,
  prefix: string,
): Promise<void> {
  try {
    const known = NAME_KINDS.find((each) => each === kind);
    if (known === undefined) return;
    const names = await reading(host, globals, async (store) =>
      collect(await namesIn(store, known, prefix), prefix),
    );
    if (names.length > 0) host.out.write(`${names.join('\n')}\n`);
  } catch {}
}

/**
 * Those that begin with the prefix, whatever the case, and can stand on a command line as they are: one line, nothing
 * that a terminal would obey, nothing that would be taken for a flag or, by fish even so, for a home directory.
 */
function collect(names: Iterable<string>, prefix: string): readonly string[] {
  const found = new Set<string>();
  const wanted = nameKey(prefix);
  for (const name of names) {
    if (found.size === MOST_CANDIDATES) break;
    if (/^[-~]|^$/.test(name) || safeForTerminal(name) !== name) continue;
    if (nameKey(name).startsWith(wanted)) found.add(name);
  }
  return [...found];
}

async function namesIn(store: StoreReader, kind: NameKind, prefix: string): Promise<Iterable<string>> {
  if (kind === 'scope') return scopesOf(await store.catalog());
  const credentials = kind === 'owner' ? [] : await store.credentialNames(prefix, MOST_READ);
  const owners = kind === 'credential' ? [] : (await store.listOwners()).map(({ name }) => name);
  return [...credentials, ...owners];
}

/** Every scope that the catalog has room for: a permission or all of them, and where the API asks for it a resource. */
function* scopesOf(catalog: Catalog): Iterable<string> {
  for (const api of allApis(catalog)) {
    const levels =
      api.resource === 'none' ? [] : RESOURCE_LEVELS.slice(0, RESOURCE_LEVELS.indexOf(api.resource) + 1);
    const resources = levels.flatMap((level) => resourcesAt(catalog, level).map((id) => ({ level, id })));
    for (const permission of [...api.permissions.map(({ id }) => id), '*']) {
      const bare = formatScope({ api: api.id, permission, resource: null });
      if (resources.length < 2) yield bare;
      for (const resource of resources) yield `${bare}@${formatResource(resource)}`;
    }
  }
}
