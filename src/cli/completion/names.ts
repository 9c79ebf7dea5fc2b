import { setTimeout } from 'node:timers/promises';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { allApis } from '../../domain/scope/catalog.js';
import { possibleScopes } from '../../domain/scope/possible-scopes.js';
import { nameKey } from '../../domain/text/name.js';
import { safeForTerminal } from '../../domain/text/safe-text.js';
import type { Host } from '../host/host.js';
import { closing, newStoreFrom } from '../session.js';
import type { NameKind } from './sources.js';

/** Maximum number of candidates. */
const MOST_CANDIDATES = 300;

/** Maximum number of names read, as some are filtered out. */
const MOST_READ = 1_000;

/** Time limit of a completion in milliseconds, and of waiting for a locked store in seconds. */
const PATIENCE_MS = 2_000;
const BUSY_SECONDS = 1;

/**
 * Names in a store that begin with a prefix, case-insensitively; empty when the store takes too long.
 *
 * @param store the value of `--store`
 * @throws CredctlError when the store does not exist or cannot be read
 */
export async function namesInStore(
  host: Host,
  store: string | undefined,
  kind: NameKind,
  prefix: string,
): Promise<readonly string[]> {
  const search = async (): Promise<readonly string[]> => {
    const opened = await host.openForReading(
      { store },
      newStoreFrom(host, { reason: undefined }, {}),
      BUSY_SECONDS,
    );
    return closing(opened, async () => collect(await namesIn(opened, kind, prefix), prefix));
  };
  return Promise.race([search(), setTimeout(PATIENCE_MS, [], { ref: false })]);
}

/**
 * Filters by prefix, case-insensitively, and drops names that are unsafe on a command line: with line breaks or
 * control characters, or starting like a flag or (expanded by fish even when escaped) a home directory.
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
  if (kind === 'api') return allApis(await store.catalog()).map(({ id }) => id);
  if (kind === 'scope') return possibleScopes(await store.catalog());
  const credentials = kind === 'owner' ? [] : await store.credentialNames(prefix, MOST_READ);
  const owners = kind === 'credential' ? [] : (await store.listOwners()).map(({ name }) => name);
  return [...credentials, ...owners];
}
