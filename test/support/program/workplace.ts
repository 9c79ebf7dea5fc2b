import {
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CACHE_HOME } from '../build/compiled-code.js';
import { forgetPlace } from '../stores/forgotten-place.js';

/** A home of its own for one or more runs of the program: nothing of the machine's user is read or written. */
export interface Workplace {
  /** Directory that holds everything below. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** Directory of the default store. */
  readonly storeDirectory: string;
  /** File of the default store. */
  readonly store: string;
  /** Directory for outputs. */
  readonly outputs: string;
  /** Path of an output. */
  output(name: string): string;
  /** Another workplace with the same files. */
  copy(): Workplace;
  /** Another workplace with the same store, closed or cut off, and nothing else. */
  copyStore(): Workplace;
  remove(): void;
}

/** A directory in memory where there is one: for tests that are not about the disk. */
export const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Makes an empty workplace, under `parent` where one is given. */
export function makeWorkplace(parent = tmpdir()): Workplace {
  const place = workplaceAt(mkdtempSync(join(parent, 'credctl-fault-')));
  for (const directory of ['home', 'tmp', 'config', 'data', 'out']) {
    mkdirSync(join(place.root, directory), { mode: 0o700 });
  }
  return place;
}

function workplaceAt(root: string): Workplace {
  const storeDirectory = join(root, 'data', 'credctl');
  const outputs = join(root, 'out');
  return {
    root,
    storeDirectory,
    outputs,
    store: join(storeDirectory, 'credctl.db'),
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: join(root, 'home'),
      TMPDIR: join(root, 'tmp'),
      XDG_CONFIG_HOME: join(root, 'config'),
      XDG_DATA_HOME: join(root, 'data'),
      XDG_CACHE_HOME: CACHE_HOME,
      // Nothing listens there, unless a test puts a keychain in that place.
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(root, 'bus')}`,
      LC_ALL: 'C',
    },
    output: (name) => join(outputs, name),
    copy() {
      forgetPlace(join(storeDirectory, 'credctl.db'));
      const copied = mkdtempSync(join(root, '..', 'credctl-fault-'));
      cpSync(root, copied, { recursive: true, verbatimSymlinks: true });
      return workplaceAt(copied);
    },
    copyStore() {
      const copied = workplaceAt(mkdtempSync(join(root, '..', 'credctl-fault-')));
      mkdirSync(copied.storeDirectory, { recursive: true, mode: 0o700 });
      for (const file of readdirSync(storeDirectory)) {
        copyFileSync(join(storeDirectory, file), join(copied.storeDirectory, file));
      }
      return copied;
    },
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 10 }),
  };
}

/** Has a workplace belong to a user, who can reach it. */
export function givenTo(uid: number, { root }: Workplace): void {
  for (const directory of ['home', 'tmp', 'config', 'data', 'out'])
    chownSync(join(root, directory), uid, uid);
}
