import type { Migrated } from '../../domain/ports/migration-port.js';
import type { Config } from '../../domain/ports/ports.js';
import type { ServingStore } from '../../domain/ports/serving-port.js';
import type { NewStore } from '../../domain/ports/store-port.js';
import type { ServerParts } from '../../http/server-process.js';
import { engineAt } from '../../storage/open.js';
import { randomPool } from '../../system/random-pool.js';
import { refuseOlder } from '../older-store.js';
import type { Host, ServerProcess, ServeSettings, StoreReference } from './host.js';
import { noDefaultStore } from './places.js';

/** Worker threads of a server. */
const WRITER = './writer-thread.mjs';
const HASHER = './hash-thread.mjs';

/** How a missing default store is created, and an older one migrated; `onCreated` is null where none is created. */
export interface Creation {
  readonly newStore: (config: Config) => NewStore;
  readonly onCreated: ((location: string) => void) | null;
  /** Told of a migration of the store, which had an older schema. */
  readonly onMigrated?: ((migrated: Migrated) => void) | undefined;
}

/** Starts a server on the store at a place. */
export async function startServerOn(
  host: Host,
  reference: StoreReference,
  place: { readonly path: string; readonly isDefault: boolean },
  creation: Creation,
  settings: ServeSettings,
): Promise<ServerProcess> {
  const engine = engineAt(place.path);
  // A server needs a store to write to; in a database, its login may not create one.
  if (engine.isFile) await requireFile(host, reference, place, creation);
  const writerThread = new URL(WRITER, import.meta.url);
  const { connections, stopsLeaks, githubKeys } = settings;
  const store = await engine.openServing(place.path, { connections, writerThread, stopsLeaks });
  // All that requests need is loaded before the first one: a server outlives the package it was started from.
  const [{ startServerProcess }, parts] = await Promise.all([
    import('../../http/server-process.js'),
    serverParts(host, store, githubKeys),
    store.preload(),
  ]);
  return startServerProcess(settings, parts);
}

/** Creates a missing default store if that is to be; any other one must exist. Migrates an older one. */
async function requireFile(
  host: Host,
  reference: StoreReference,
  { path, isDefault }: { readonly path: string; readonly isDefault: boolean },
  { newStore, onCreated, onMigrated = () => {} }: Creation,
): Promise<void> {
  const store = isDefault
    ? await host.openForWriting(reference, newStore, onCreated ?? (() => {}), onMigrated)
    : await host.openForReading(reference, newStore, { onMigrated, onLeftOlder: refuseOlder });
  try {
    if ((await store.statistics()).schema !== 0) return;
    // Nothing is created before the first write.
    if (onCreated === null) throw noDefaultStore(path);
    await store.write(async () => {});
  } finally {
    await store.close();
  }
}

/** Parts of a server process. */
async function serverParts(host: Host, store: ServingStore, githubKeys: string | null): Promise<ServerParts> {
  const [
    { hashPoolOfMachine, inMemory },
    { logOutput },
    { awaitTermination },
    { fingerprinter },
    { listenOnSocket },
    { serviceManager },
    { keyList },
  ] = await Promise.all([
    import('../../system/hashing/hash-pool.js'),
    import('../../system/log-output.js'),
    import('../../system/signals/termination.js'),
    import('../../system/hashing/fingerprinter.js'),
    import('../../system/unix-socket.js'),
    import('../../system/service-manager.js'),
    import('../../system/key-list.js'),
  ]);
  return {
    store,
    hasher: hashPoolOfMachine(inMemory(new URL(HASHER, import.meta.url))),
    fingerprinter: fingerprinter(),
    clock: store.clock ?? host.clock,
    random: randomPool(host.random),
    processes: host.processes,
    author: { actor: host.actor, reason: null },
    log: logOutput(2),
    termination: awaitTermination(),
    listenOnSocket,
    githubKeys: githubKeys === null ? null : keyList(githubKeys),
    manager: serviceManager(host.env),
  };
}
