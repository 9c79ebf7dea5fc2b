import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE_HOME } from '../build/compiled-code.js';

/** The program to test; CREDCTL_UNDER_TEST names another one, such as an installed package's. */
const PROGRAM =
  process.env['CREDCTL_UNDER_TEST'] ?? fileURLToPath(new URL('../../../bin/credctl.js', import.meta.url));

/** A configuration under which a hash costs nothing; what is tested does not depend on it. */
export const FAST_HASHES = 'hash = "sha256"\n';

/** A home directory of its own with an empty working directory, and `credctl` on the path. */
export interface Workspace {
  /** Everything of this workspace lies below. */
  readonly root: string;
  /** Where commands run. */
  readonly directory: string;
  readonly configHome: string;
  readonly dataHome: string;
  /** Where a store is made when nothing else is said. */
  readonly defaultStore: string;
  readonly configFile: string;
  /** The whole environment of the commands. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of a file in the working directory. */
  path(name: string): string;
  write(name: string, content: string | Uint8Array): Promise<void>;
  read(name: string): Promise<string>;
  /** Writes the configuration file. */
  configure(toml: string): Promise<void>;
  remove(): Promise<void>;
}

export interface WorkspaceOptions {
  /** Text of the configuration file; none with null. */
  readonly config?: string | null;
  /** Added to the environment of the commands. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function createWorkspace({
  config = FAST_HASHES,
  env = {},
}: WorkspaceOptions = {}): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), 'credctl-test-'));
  const directory = join(root, 'work');
  const bin = join(root, 'bin');
  const configHome = join(root, 'config');
  const dataHome = join(root, 'data');
  await Promise.all([directory, bin].map((path) => mkdir(path)));
  const shim = join(bin, 'credctl');
  await writeFile(shim, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  await chmod(shim, 0o755);
  const workspace: Workspace = {
    root,
    directory,
    configHome,
    dataHome,
    defaultStore: join(dataHome, 'credctl', 'credctl.db'),
    configFile: join(configHome, 'credctl', 'config.toml'),
    env: {
      PATH: `${bin}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      HOME: root,
      XDG_CONFIG_HOME: configHome,
      XDG_DATA_HOME: dataHome,
      XDG_CACHE_HOME: CACHE_HOME,
      LANG: 'C.UTF-8',
      // Nothing listens there: whatever keychain there is on this machine, no test may find it by chance.
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(root, 'no-bus')}`,
      ...env,
    },
    path: (name) => resolve(directory, name),
    write: (name, content) => writeFile(resolve(directory, name), content),
    read: (name) => readFile(resolve(directory, name), 'utf8'),
    async configure(toml) {
      await mkdir(dirname(workspace.configFile), { recursive: true });
      await writeFile(workspace.configFile, toml, { mode: 0o600 });
    },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 10 }),
  };
  if (config !== null) await workspace.configure(config);
  return workspace;
}
