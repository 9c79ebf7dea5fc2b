// @ts-check
// Another user at work in a directory: what appears or changes there is moved away, and something of this user's takes its
// name. Arguments: the directory, a file and a directory to lead to, where to count, at which change of a name to act (0: at
// the first of a temporary one), what to plant.
import { execFileSync } from 'node:child_process';
import { linkSync, lstatSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [directory = '', file = '', within = '', log = '', moment = '1', kind = '0'] = process.argv.slice(2);

/** @type {readonly ((path: string) => void)[]} */
const PLANT = [
  (path) => symlinkSync(file, path),
  (path) => symlinkSync(within, path),
  (path) => {
    mkdirSync(path);
    symlinkSync(file, join(path, 'draft.db'));
  },
  (path) => execFileSync('mkfifo', [path]),
  (path) => linkSync(join(directory, '.mine'), path),
];

/** What each name was seen to be, and how often that has changed. @type {Map<string, { inode: number, changes: number }>} */
const seen = new Map();
let done = 0;

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

writeFileSync(log, '0');
try {
  writeFileSync(join(directory, '.mine'), 'mine');
} catch {}
for (const name of readdirSync(directory)) seen.set(name, { inode: inodeOf(name), changes: 0 });
process.stdout.write('ready\n');
for (;;) {
  for (const name of readdirSync(directory)) meet(name);
  // A fraction of what the program waits after each of its calls.
  Atomics.wait(PAUSE, 0, 0, 1);
}

/** @param {string} name */
function meet(name) {
  if (name.startsWith('.away-')) return;
  const inode = inodeOf(name);
  const before = seen.get(name) ?? { inode: 0, changes: 0 };
  if (inode === 0 || inode === before.inode) return;
  const changes = before.changes + 1;
  seen.set(name, { inode, changes });
  const isMoment = name.startsWith('.') ? moment === '0' : changes === Number(moment);
  if (!isMoment) return;
  try {
    renameSync(join(directory, name), join(directory, `.away-${process.pid}-${done}`));
    PLANT[Number(kind) % PLANT.length]?.(join(directory, name));
    seen.set(name, { inode: inodeOf(name), changes });
    done += 1;
    writeFileSync(log, String(done));
  } catch {
    // A name that came and went, or one that is not this user's to move.
  }
}

/** @param {string} name */
function inodeOf(name) {
  return lstatSync(join(directory, name), { throwIfNoEntry: false })?.ino ?? 0;
}
