import { basename, join, relative, resolve } from 'node:path';
import type { Host, Output } from '../../src/cli/host/host.js';
import { createHost } from '../../src/cli/host/system-host.js';
import { main } from '../../src/cli/main.js';
import { CredctlError } from '../../src/domain/errors.js';
import type { Destination, Keychain, StopRequest } from '../../src/domain/ports/ports.js';
import type { Finished } from '../support/program/run.js';
import type { Workspace } from '../support/program/workspace.js';

// What the build puts in place of this name.
Object.assign(globalThis, { CREDCTL_VERSION: '0.0.0-test' });

/** A process that gets no signal. */
const unasked: StopRequest = {
  watch() {},
  hold() {},
  left: new Promise(() => {}),
  signal: async () => null,
  isUrgent: false,
  onUrgent: () => () => {},
  release() {},
};

const emptyKeychain: Keychain = {
  get: async () => null,
  set: async () => {},
  label: async () => {},
  delete: async () => false,
  accounts: async () => [],
  renew() {},
  close() {},
};

/**
 * Runs a command line in this process, on real files, with its output captured. Whatever paths the arguments name,
 * nothing outside the workspace is touched, and no other program runs.
 */
export async function runCaptured(
  workspace: Workspace,
  argv: readonly string[],
  stdin: string,
): Promise<Finished> {
  const [out, err] = [new CapturedOutput(), new CapturedOutput()];
  const exitCode = await main(argv, capturingHost(workspace, out, err, stdin));
  return { exitCode, stdout: out.text, stderr: err.text };
}

class CapturedOutput implements Output {
  readonly isTerminal = false;
  readonly isDiscarded = false;
  readonly columns = 80;
  readonly rows = 24;
  text = '';

  write(text: string): void {
    this.text += text;
  }
}

function capturingHost(workspace: Workspace, out: Output, err: Output, stdin: string): Host {
  const real = createHost({ env: workspace.env });
  const inside = (path: string): string => insideOf(workspace.directory, path);
  const reference = ({ store }: { readonly store: string | undefined }) => ({
    store: store === undefined || /^[a-z][a-z0-9+.-]+:\/\//i.test(store) ? store : insideUrl(inside, store),
  });
  return {
    ...real,
    out,
    err,
    stdinIsTerminal: false,
    readInput: () => stdin,
    readFile: (path) => real.readFile(inside(path)),
    writeNewFile: (path, text) => real.writeNewFile(inside(path), text),
    // Nothing is a repository here: the tests themselves run in one.
    installHook: () => Promise.reject(new CredctlError('not_found', 'there is no git repository here')),
    lines: (path) =>
      path === null ? { write: async (line) => out.write(line), close() {} } : real.lines(inside(path)),
    openForReading: (store, newStore) => real.openForReading(reference(store), newStore),
    openForWriting: (store, newStore, onCreated, onMigrated) =>
      real.openForWriting(reference(store), newStore, onCreated, onMigrated),
    initStore: (store, newStore) => real.initStore(reference(store), newStore),
    async maintenance(store, tells) {
      const work = await real.maintenance(reference(store), tells);
      return { ...work, copyTarget: (url, from) => work.copyTarget(insideUrl(inside, url), from) };
    },
    stdoutDestination: (render) => ({
      ...idleDestination('stdout'),
      async deliver(delivery) {
        out.write(render(delivery));
      },
    }),
    fileDestination: (path, force, render, tell) => real.fileDestination(inside(path), force, render, tell),
    commandDestination: () => idleDestination('command'),
    maskedDestinations: (destinations) => destinations,
    stopRequest: () => unasked,
    keychainDestination: () => ({
      ...idleDestination('keychain'),
      async preflight() {
        throw new CredctlError('undelivered', 'there is no keychain here');
      },
    }),
    commonKeychain: () => emptyKeychain,
    keychain: () => emptyKeychain,
    runProgram: async () => ({ kind: 'ended', status: 0 }),
    prompts: () => Promise.reject(new Error('nobody is there to be asked')),
  };
}

function idleDestination(kind: Destination['kind']): Destination {
  return { kind, replaces: false, preflight: async () => {}, deliver: async () => {}, undo: async () => {} };
}

function insideOf(directory: string, path: string): string {
  const absolute = resolve(directory, path);
  const isInside = !relative(directory, absolute).startsWith('..');
  return isInside ? absolute : join(directory, 'elsewhere', basename(absolute));
}

function insideUrl(inside: (path: string) => string, store: string): string {
  const path = store.replace(/^sqlite:/, '');
  return path === '' ? store : inside(path);
}
