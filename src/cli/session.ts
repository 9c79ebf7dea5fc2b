import { CredctlError } from '../domain/errors.js';
import type { StoreMaintenance } from '../domain/ports/maintenance-port.js';
import type { StopRequest } from '../domain/ports/ports.js';
import type { StorePlacing } from '../domain/ports/store-placing.js';
import type { Store } from '../domain/ports/store-port.js';
import { quote } from '../domain/text/quote.js';
import { safeForTerminal } from '../domain/text/safe-text.js';
import type { Dependencies } from '../usecases/dependencies.js';
import { describeDoubt } from '../usecases/right-clock.js';
import { masked } from './exit.js';
import type { GlobalOptions } from './flags/global.js';
import { type Host, UnwrittenOutput } from './host/host.js';
import { noDefaultStore } from './host/places.js';
import { newStoreFrom } from './new-store.js';
import { type OlderStoreNotes, olderStoreNotes } from './older-store.js';

/**
 * Opens the store for reading, runs `work`, and closes the store. A default store that does not exist reads as empty,
 * which is noted.
 */
export function reading<T>(
  host: Host,
  globals: GlobalOptions,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  return looking(host, globals, async (store, placing) => {
    try {
      return await work(store);
    } finally {
      noteNoStore(host, globals, placing);
    }
  });
}

/**
 * As {@link reading}, for commands that run unattended or answer for a store: what they say of none would be believed.
 *
 * @throws CredctlError `store_unavailable` where there is no store
 */
export function readingExisting<T>(
  host: Host,
  globals: GlobalOptions,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  return looking(host, globals, async (store, placing) => {
    if (placing.kind !== 'none') return work(store);
    throw noDefaultStore(placing.location);
  });
}

async function looking<T>(
  host: Host,
  globals: GlobalOptions,
  work: (store: Store, placing: StorePlacing) => Promise<T>,
): Promise<T> {
  const store = await openedForReading(host, globals);
  return closing(store, async () => work(store, await noteCopy(host, globals, store)));
}

/** Opens the store for reading; the caller closes it. */
export function openedForReading(host: Host, globals: GlobalOptions): Promise<Store> {
  return host.openForReading(globals, newStoreFrom(host, globals, {}), notesOfOlder(host, globals));
}

/** Notes that a store of an older schema was migrated, or why not. */
export function notesOfOlder(host: Host, globals: GlobalOptions): OlderStoreNotes {
  return olderStoreNotes((text) => note(host, globals, text));
}

/**
 * Opens the store for writing, runs `work` with its dependencies, and closes the store.
 *
 * @param stop signal handling of commands that issue secrets
 */
export async function changing<T>(
  host: Host,
  globals: GlobalOptions,
  work: (deps: Dependencies) => Promise<T>,
  stop: StopRequest | null = null,
): Promise<T> {
  const store = await host.openForWriting(
    globals,
    newStoreFrom(host, globals, {}),
    (location) => note(host, globals, `created the store ${location}`),
    notesOfOlder(host, globals).onMigrated,
  );
  return closing(store, async () => {
    const placing = await notePlace(host, globals, store);
    try {
      return await work(dependencies(host, globals, store, stop));
    } catch (fault) {
      if (fault instanceof UnwrittenOutput) throw fault.ofChange();
      if (placing.kind === 'none' && fault instanceof CredctlError && fault.code === 'not_found') {
        await requireNamed(host, globals);
        noteNoStore(host, globals, placing);
      }
      throw fault;
    }
  });
}

/**
 * Refuses a change to a store that was named and does not exist, where the change would not have created it.
 *
 * @throws CredctlError `store_unavailable`
 */
async function requireNamed(host: Host, globals: GlobalOptions): Promise<void> {
  const store = await openedForReading(host, globals);
  await store.close();
}

function noteNoStore(host: Host, globals: GlobalOptions, placing: StorePlacing): void {
  if (placing.kind !== 'none') return;
  note(host, globals, `note: there is no store yet; 'credctl create' creates one at ${placing.location}`);
}

/** Notes that the store is a copy, whose keychain entries belong to the original. */
export async function noteCopy(host: Host, globals: GlobalOptions, store: Store): Promise<StorePlacing> {
  const placing = await placingOf(store);
  if (placing.kind === 'copy') note(host, globals, copyNote(placing.of));
  return placing;
}

/** As {@link noteCopy}; also notes what a change does to a backup, and that the store was moved, which this command will record. */
async function notePlace(host: Host, globals: GlobalOptions, store: Store): Promise<StorePlacing> {
  const placing = await noteCopy(host, globals, store);
  if (placing.kind === 'backup')
    note(host, globals, 'note: this is a backup; once changed, it cannot be restored');
  if (placing.kind === 'moved') note(host, globals, `note: this store was moved here from ${placing.from}`);
  return placing;
}

function copyNote(of: string): string {
  return `note: this store is a copy of ${of} and has the same id; 'credctl store adopt' makes it independent`;
}

/** Errors are ignored here: the command's own access reports them. */
async function placingOf(store: Store): Promise<StorePlacing> {
  try {
    return await store.placing();
  } catch (fault) {
    if (fault instanceof CredctlError) return { kind: 'same' };
    throw fault;
  }
}

/** Operations on the store as a whole; reports progress on a terminal. */
export function maintenance(host: Host, globals: GlobalOptions): Promise<StoreMaintenance> {
  return host.maintenance(globals, host.err.isTerminal && !globals.quiet && !globals.json);
}

/**
 * Dependencies of a use case on an open store.
 *
 * @param stop signal handling of commands that issue secrets
 */
export function dependencies(
  host: Host,
  globals: GlobalOptions,
  store: Store,
  stop: StopRequest | null = null,
): Dependencies {
  return {
    store,
    clock: host.clock,
    random: host.random,
    hasher: host.hasher,
    processes: host.processes,
    author: { actor: host.actor, reason: globals.reason ?? null },
    ...clockPolicy(host, globals, store),
    ...(stop === null ? {} : { stop }),
    ...(host.observe === null ? {} : { observe: host.observe }),
  };
}

/** Handling of a clock in doubt: noted once per command; `--yes` vouches for it. */
export function clockPolicy(
  host: Host,
  globals: GlobalOptions,
  store: Pick<Store, 'clock'>,
): Pick<Dependencies, 'trustsClock' | 'onClockDoubt'> {
  let isNoted = false;
  return {
    trustsClock: globals.yes,
    onClockDoubt(doubt) {
      if (isNoted) return;
      isNoted = true;
      note(host, globals, `note: ${describeDoubt(doubt, store)}; see 'credctl store check'`);
    },
  };
}

/** Runs `work` and closes the store afterwards. */
export async function closing<T>(store: Store, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await store.close();
  }
}

/** Writes a note to stderr; silent with `--quiet` and `--json`. */
export function note(host: Pick<Host, 'err'>, globals: GlobalOptions, text: string): void {
  if (globals.quiet || globals.json) return;
  host.err.write(`${safeForTerminal(masked(text), { newlines: 'escape' })}\n`);
}

/** Notes the variables withheld from a command after `--`. */
export function noteLeftOut(host: Host, globals: GlobalOptions): void {
  for (const name of host.variablesLeftOut()) {
    const what = name === 'PATH' ? 'some directories of PATH' : `the variable ${quote(name)}`;
    note(host, globals, `note: the command does not get ${what}: not valid UTF-8`);
  }
}

/** Whether interactive prompts are possible. */
export function canAsk(host: Host, globals: GlobalOptions): boolean {
  return globals.input && !globals.json && host.stdinIsTerminal && host.err.isTerminal;
}
