import { fileURLToPath } from 'node:url';
import { parseDuration } from '../../domain/duration.js';
import type { Config, Keychain, Processes } from '../../domain/ports/ports.js';
import type { NewStore, Store } from '../../domain/ports/store-port.js';
import { homeDirectory } from '../../files/account.js';
import { workingDirectory } from '../../files/working-directory.js';
import type { OpenOptions } from '../../storage/engine.js';
import { systemActor } from '../../system/actor.js';
import { systemClock } from '../../system/clock.js';
import { readConfig } from '../../system/config-file.js';
import { commandDestination } from '../../system/destinations/command-destination.js';
import { fileDestination } from '../../system/destinations/file-destination.js';
import { keychainDestination } from '../../system/destinations/keychain-destination.js';
import { maskedDestinations } from '../../system/destinations/masked-destinations.js';
import { stdoutDestination } from '../../system/destinations/stdout-destination.js';
import { secretHasher } from '../../system/hashing/hasher.js';
import { readInput, readTextFile } from '../../system/input.js';
import { systemKeychain } from '../../system/keychain/keychain.js';
import { waitingForUnlocking } from '../../system/keychain/keychain-fault.js';
import { isAttended, keychainPatience } from '../../system/keychain/patience.js';
import { withSessionBus } from '../../system/keychain/session-bus.js';
import { appendedLines } from '../../system/line-output.js';
import { writeNewFile } from '../../system/new-file.js';
import { systemProcesses } from '../../system/processes.js';
import { withholdMemory } from '../../system/program/core-dumps.js';
import { type HandedOn, handedOn, withoutStore } from '../../system/program/environment.js';
import { findProgram } from '../../system/program/find-program.js';
import { systemRandom } from '../../system/random.js';
import { RulingClock } from '../../system/ruling-clock.js';
import { stopRequest } from '../../system/signals/stop-request.js';
import { isTerminal } from '../../system/streams.js';
import { keychainUnlessCopy } from '../../usecases/keychain/keychain-of-copy.js';
import { refuseOlder } from '../older-store.js';
import { usesColour } from '../render/colour.js';
import type { Host, HostOverrides, StoreReference } from './host.js';
import { output, outputLines } from './output.js';
import { absolutePath, configPath, defaultStorePath, namedStore } from './places.js';

declare const CREDCTL_VERSION: string;

/** The keychain agent program. */
const AGENT = './keychain-agent.mjs';

/** The thread that scans files. */
const SCANNER = './scan-thread.mjs';

/** The composition root: joins the commands with the real world. */
export function createHost(overrides: HostOverrides = {}): Host {
  const umask = process.umask(0o077);
  const coreDumps = withholdMemory();
  const env = overrides.env ?? process.env;
  const clock = new RulingClock(overrides.clock ?? systemClock);
  let opened: Store | null = null;
  let asksForPassword = false;
  const ruled = (store: Store): Store => {
    clock.follow(store.clock);
    opened = store;
    return store;
  };
  const open = async (
    path: string,
    newStore: (config: Config) => NewStore,
    options: Pick<OpenOptions, 'whenMissing'> & Partial<OpenOptions>,
  ): Promise<Store> => {
    const plan = async () => newStore(await host.config());
    const { engineAt, openStoreAt } = await import('../../storage/open.js');
    asksForPassword = engineAt(path).asksForPassword(path);
    return ruled(await openStoreAt(path, system, { onCreated: () => {}, ...options, newStore: plan }));
  };
  const random = overrides.random ?? systemRandom;
  const system = { clock, random };
  let config: Promise<Config> | null = null;
  let processes: Processes | null = null;
  let actor: string | null = null;
  let commonKeychain: Keychain | null = null;
  const programs = (): HandedOn => handedOn(env);
  const host: Host = {
    env,
    out: output(1),
    err: output(2),
    get stdinIsTerminal() {
      return isTerminal(0);
    },
    clock,
    random,
    hasher: overrides.hasher ?? secretHasher,
    get processes() {
      processes ??= systemProcesses();
      return processes;
    },
    get actor() {
      actor ??= systemActor(env);
      return actor;
    },
    observe: overrides.observe ?? null,
    version: CREDCTL_VERSION,
    brokenProgram: overrides.brokenProgram ?? (() => null),
    readInput,
    readFile: readTextFile,
    writeNewFile,
    async installHook(text, line) {
      const { installHook } = await import('../../system/scan/git/hook-file.js');
      return installHook(env, workingDirectory(), text, line);
    },
    config() {
      config ??= readConfig(configPath({ env, home: host.home() }));
      return config;
    },
    async openForReading(reference, newStore, options = {}) {
      const { path, isDefault } = await locate(host, reference);
      return open(path, newStore, { whenMissing: isDefault ? 'read-as-empty' : 'refuse', ...options });
    },
    async migrateOlder(reference, newStore, onMigrated) {
      const notes = { onMigrated, onLeftOlder: refuseOlder };
      const store = await host.openForReading(reference, newStore, notes);
      opened = null;
      await store.close();
    },
    async openForWriting(reference, newStore, onCreated, onMigrated) {
      const place = await locate(host, reference);
      return open(place.path, newStore, { whenMissing: 'create-on-write', onCreated, onMigrated });
    },
    async initStore(reference, newStore) {
      const place = await locate(host, reference);
      const { initStoreAt } = await import('../../storage/open.js');
      return ruled(await initStoreAt(place.path, system, newStore(await host.config())));
    },
    async startServer(reference, newStore, onCreated, settings, onMigrated) {
      const place = await locate(host, reference);
      const { startServerOn } = await import('./serving.js');
      return startServerOn(host, reference, place, { newStore, onCreated, onMigrated }, settings);
    },
    async maintenance(reference, tells) {
      const place = await locate(host, reference);
      const [{ storeMaintenance }, { silentWatch, terminalWatch }] = await Promise.all([
        import('../../storage/maintenance.js'),
        import('../../system/copy-progress.js'),
      ]);
      return storeMaintenance(place.path, { watch: tells ? terminalWatch() : silentWatch() });
    },
    home: () => homeDirectory(env),
    workingDirectory,
    absolutePath: (path) => absolutePath(path, workingDirectory),
    lines: (path) => (path === null ? outputLines() : appendedLines(host.absolutePath(path))),
    stdoutDestination,
    fileDestination: (path, force, render, tell = () => {}) =>
      fileDestination({ path: host.absolutePath(path), force, render, tell }),
    commandDestination: (command, timeoutMs, stop) =>
      commandDestination({
        command,
        timeoutMs,
        env: () => withoutStore(programs().env, asksForPassword),
        umask,
        stop,
      }),
    maskedDestinations,
    stopRequest,
    keychainDestination,
    commonKeychain(tell) {
      // Shared, so that a hanging keychain costs its time limit once.
      commonKeychain ??= host.keychain(tell);
      return commonKeychain;
    },
    keychain(tell) {
      const toldPerson = tell !== undefined && isAttended(env) ? tell : null;
      const patience = keychainPatience(toldPerson !== null);
      const keychain = systemKeychain({
        agent: fileURLToPath(new URL(AGENT, import.meta.url)),
        timeoutMs: async () => parseDuration((await host.config()).keychain_timeout ?? patience).ms,
        onSlow: toldPerson && ((limitMs) => toldPerson(waitingForUnlocking(limitMs))),
        env: withSessionBus(env),
      });
      return keychainUnlessCopy(keychain, async () => opened?.placing() ?? { kind: 'same' });
    },
    async runProgram(command, variables, masked) {
      const { runProgram } = await import('../../system/program/run-program.js');
      return runProgram({ command, env: { ...programs().env, ...variables }, umask, masked, coreDumps });
    },
    scanSources: async () =>
      (await import('../../system/scan/sources.js')).systemScanSources(
        programs().env,
        new URL(SCANNER, import.meta.url),
      ),
    async openPager(command, variables) {
      const { startPager } = await import('../../system/program/pager.js');
      return startPager({ command, env: { ...programs().env, ...variables }, umask, coreDumps });
    },
    hasProgram: (name) => 'path' in findProgram(name, env),
    variablesLeftOut: () => programs().leftOut,
    abandonProcess: (signal) => void process.kill(process.pid, signal),
    prompts: async (look = { color: true }) =>
      (await import('../prompts/terminal.js')).terminalPrompts({
        color: usesColour(env, host.err, look),
        terminalType: env['TERM'],
        write: (text) => host.err.write(text),
      }),
  };
  return host;
}

async function locate(
  host: Pick<Host, 'env' | 'home' | 'config'>,
  { store }: StoreReference,
): Promise<{ path: string; isDefault: boolean }> {
  const environment = { env: host.env, home: host.home() };
  const named = await namedStore(store, environment, async () => (await host.config()).store);
  if (named === null) return { path: defaultStorePath(environment), isDefault: true };
  const { storePlace } = await import('../../storage/open.js');
  return { path: storePlace(named.reference, workingDirectory, named.noun), isDefault: false };
}
