import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseDuration } from '../domain/duration.js';
import { CredctlError, usageError } from '../domain/errors.js';
import type { Clock, Config, Keychain, Processes, Random, SecretHasher } from '../domain/ports.js';
import { quote } from '../domain/quote.js';
import { systemActor } from '../system/actor.js';
import { systemClock } from '../system/clock.js';
import { commandDestination } from '../system/command-destination.js';
import { readConfig } from '../system/config-file.js';
import { faultCode } from '../system/fault-code.js';
import { fileDestination } from '../system/file-destination.js';
import { secretHasher } from '../system/hasher.js';
import { systemKeychain } from '../system/keychain.js';
import { keychainDestination } from '../system/keychain-destination.js';
import { systemProcesses } from '../system/processes.js';
import { systemRandom } from '../system/random.js';
import { runProgram } from '../system/run-program.js';
import { isRunning } from '../system/running.js';
import { stdoutDestination } from '../system/stdout-destination.js';
import { isTerminal, readFully, writeFully } from '../system/streams.js';
import type { DeliveryStep } from '../usecases/dependencies.js';
import { absolutePath, configPath, defaultStorePath, storeUrl, workingDirectory } from './places.js';

import { usesColour } from './render/style.js';
import { BrokenPipe, type Host, type Output, type StoreReference } from './world.js';

export { BrokenPipe, type Host, type Output, type StoreReference } from './world.js';

/** No input that a command takes is larger. */
const INPUT_LIMIT = 1_048_576;

/** What tests put in the place of the machine's own. */
export interface HostOverrides {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly hasher?: SecretHasher;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly observe?: (step: DeliveryStep) => void;
}

declare const CREDCTL_VERSION: string;

/** The program beside this one that talks to the keychain. */
const AGENT = './keychain-agent.mjs';

/** The composition root: joins the commands with the real world. */
export function createHost(overrides: HostOverrides = {}): Host {
  const umask = process.umask(0o077);
  const env = overrides.env ?? process.env;
  const clock = overrides.clock ?? systemClock;
  const random = overrides.random ?? systemRandom;
  const system = { clock, random, isRunning };
  let config: Promise<Config> | null = null;
  let processes: Processes | null = null;
  let actor: string | null = null;
  let keychain: Keychain | null = null;
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
    readInput: () => readInput(),
    readFile: (path) => readTextFile(path),
    config() {
      config ??= readConfig(configPath(env));
      return config;
    },
    async openForReading(reference, newStore) {
      const place = await locate(host, reference);
      return (await import('../storage/open.js')).openStoreAt(place.path, system, {
        whenMissing: place.isDefault ? 'read-as-empty' : 'refuse',
        newStore: async () => newStore(await host.config()),
        onCreated: () => {},
      });
    },
    async openForWriting(reference, newStore, onCreated) {
      const place = await locate(host, reference);
      return (await import('../storage/open.js')).openStoreAt(place.path, system, {
        whenMissing: 'create-on-write',
        newStore: async () => newStore(await host.config()),
        onCreated,
      });
    },
    async initStore(reference, newStore) {
      const place = await locate(host, reference);
      return (await import('../storage/open.js')).initStoreAt(
        place.path,
        system,
        newStore(await host.config()),
      );
    },
    stdoutDestination,
    fileDestination: (path, force, render) => fileDestination({ path: absolutePath(path), force, render }),
    commandDestination: (command, timeoutMs) => commandDestination({ command, timeoutMs, env, umask }),
    keychainDestination: () => keychainDestination(host.keychain()),
    keychain: () => {
      keychain ??= systemKeychain({
        agent: fileURLToPath(new URL(AGENT, import.meta.url)),
        timeoutMs: async () => parseDuration((await host.config()).keychain_timeout ?? '3s').ms,
        env,
      });
      return keychain;
    },
    runProgram: (command, variables, masked) =>
      runProgram({ command, env: { ...env, ...variables }, umask, masked }),
    prompts: async (look = { color: true }) =>
      (await import('./prompts.js')).terminalPrompts({
        color: usesColour(env, host.err, look),
        terminalType: env['TERM'],
      }),
  };
  return host;
}

async function locate(
  host: Pick<Host, 'env' | 'config'>,
  { store }: StoreReference,
): Promise<{ path: string; isDefault: boolean }> {
  const url = await storeUrl(store, host.env, async () => (await host.config()).store);
  return url === null
    ? { path: defaultStorePath(host.env), isDefault: true }
    : { path: (await import('../storage/open.js')).storePlace(url, workingDirectory), isDefault: false };
}

function output(descriptor: 1 | 2): Output {
  return {
    get isTerminal() {
      return isTerminal(descriptor);
    },
    get columns() {
      return (descriptor === 1 ? process.stdout : process.stderr).columns ?? 80;
    },
    write(text) {
      try {
        writeFully(descriptor, Buffer.from(text));
      } catch (fault) {
        // A remark that cannot be shown is no reason to fail: the exit status says what happened.
        if (descriptor === 2) return;
        const code = faultCode(fault);
        if (code === 'EPIPE') throw new BrokenPipe();
        throw new CredctlError('unexpected', `the output could not be written (${code ?? 'unknown fault'})`, {
          hint: 'check where the output is sent',
          cause: fault,
        });
      }
    },
  };
}

function readInput(): string {
  const bytes = readStandardInput();
  if (bytes === null) throw usageError('standard input is longer than 1 MiB', 'pass just what is asked for');
  return bytes.toString('utf8');
}

function readStandardInput(): Buffer | null {
  try {
    return readFully(0, INPUT_LIMIT);
  } catch (fault) {
    throw usageError(
      `standard input cannot be read (${faultCode(fault) ?? 'unknown fault'})`,
      'pipe a file into it',
    );
  }
}

function readTextFile(path: string): string {
  try {
    const descriptor = openSync(path, 'r');
    try {
      const bytes = readFully(descriptor, INPUT_LIMIT);
      if (bytes === null) throw usageError(`${quote(path)} is longer than 1 MiB`, 'name the right file');
      return bytes.toString('utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch (fault) {
    const code = faultCode(fault);
    if (code === null) throw fault;
    throw new CredctlError('not_found', `cannot read ${quote(path)} (${code})`, {
      hint: 'check the path',
      cause: fault,
    });
  }
}
