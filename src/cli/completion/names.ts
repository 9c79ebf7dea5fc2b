import { setTimeout } from 'node:timers/promises';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { allApis } from '../../domain/scope/catalog.js';
import { possibleScopes } from '../../domain/scope/possible-scopes.js';
import { nameKey } from '../../domain/text/name.js';
import { safeForTerminal } from '../../domain/text/safe-text.js';
import type { Host } from '../host/host.js';
import { newStoreFrom } from '../new-store.js';
import { closing } from '../session.js';
import type { NameKind } from './sources.js';

/** Maximum number of candidates. */
const MOST_CANDIDATES = 300;

/** Maximum number of names read, as some are filtered out. */
const MOST_READ = 1_000;

/**
 * Time limit for the store in milliseconds, and for a lock on its file in seconds: with the start of the program, a
 * completion takes less than a second.
 */
const PATIENCE_MS = 600;
const BUSY_SECONDS = 0.2;

/**
 * Names in a store that begin with a prefix, case-insensitively. Nothing is migrated, which could take longer than a
 * Tab may.
 *
 * @param store the value of `--store`
 * @param wait resolves after that many milliseconds
 * @returns null when the store takes too long
 * @throws CredctlError when the store does not exist, has an older schema or cannot be read
 */
export async function namesInStore(
  host: Host,
  store: string | undefined,
  kind: NameKind,
  prefix: string,
  wait: (ms: number) => Promise<null> = (ms) => setTimeout(ms, null, { ref: false }),
): Promise<readonly string[] | null> {
  const search = async (): Promise<readonly string[]> => {
    const opened = await host.openForReading({ store }, newStoreFrom(host, { reason: undefined }, {}), {
      busySeconds: BUSY_SECONDS,
      leavesOlder: true,
    });
    return closing(opened, async () => collect(await namesIn(opened, kind, prefix), prefix));
  };
  return Promise.race([search(), wait(PATIENCE_MS)]);
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
  if (kind === 'leak') {
    const { items } = await store.listLeaks({ withClosed: false, limit: MOST_CANDIDATES });
    return items.map(({ id }) => String(id));
  }
  if (kind === 'scope') return possibleScopes(await store.catalog());
  const credentials = kind === 'owner' ? [] : await store.credentialNames(prefix, MOST_READ);
  const owners = kind === 'credential' ? [] : (await store.listOwners()).map(({ name }) => name);
  return [...credentials, ...owners];
}
