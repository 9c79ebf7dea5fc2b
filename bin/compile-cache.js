'use strict';

/**
 * Compile cache: module.enableCompileCache where Node.js has it (22.1 and later). Write access to its directory is
 * execution of code as this user, so that the directory is private.
 */

const fs = require('node:fs');
const Module = require('node:module');
const { homedir } = require('node:os');
const { basename, dirname, isAbsolute, join } = require('node:path');

/** Before the code in each file of the cache for Node.js 20. */
const CHECKSUM_BYTES = 4;

/** @param {string} program the directory of what is compiled */
exports.keepCompiledCode = (program) => {
  const directory = privateDirectory();
  if (directory === null) return;
  if (Module.enableCompileCache !== undefined) Module.enableCompileCache(directory);
  else keepForNode20(program, directory);
};

/** The cache directory; null where another user can write to it or replace it, or where it would be in another's home. */
function privateDirectory() {
  if (process.platform === 'win32' || process.env.NODE_DISABLE_COMPILE_CACHE) return null;
  const base = process.env.XDG_CACHE_HOME;
  try {
    const caches = base && isAbsolute(base) ? base : join(homedir(), '.cache');
    const directory = join(caches, 'credctl');
    if (!isSafe(fs.realpathSync(dirname(caches)))) return null;
    // Not with `recursive`: where mkdir(2) says ENOENT below a directory that exists, as in /proc, Node.js loops endlessly.
    for (const path of [caches, directory]) if (!fs.existsSync(path)) fs.mkdirSync(path, { mode: 0o700 });
    const path = fs.realpathSync(directory);
    const { uid, mode } = fs.statSync(path);
    // Node.js makes directories in it with 0777 less the umask: they are as private as this one alone.
    return uid === process.geteuid() && (mode & 0o077) === 0 && isSafe(dirname(path)) ? path : null;
  } catch {
    return null;
  }
}

/** Whether only this user and root can rename or replace entries of a directory and of its ancestors. */
function isSafe(directory) {
  const { uid, mode } = fs.statSync(directory);
  if (uid !== 0 && uid !== process.geteuid()) return false;
  const [isShared, isSticky] = [(mode & 0o022) !== 0, (mode & 0o1000) !== 0];
  return (!isShared || isSticky) && (directory === dirname(directory) || isSafe(dirname(directory)));
}

/**
 * What `module.enableCompileCache` does, for Node.js 20, with which it goes. V8 accepts code of another patch release,
 * and damaged code, and crashes in both; of a source it compares the length alone. So the directory names the exact
 * release, a checksum stands before the code, and only files are kept whose names hold the digest of their content.
 */
function keepForNode20(program, parent) {
  const { Script } = require('node:vm');
  const { crc32 } = require('node:zlib');
  const { version, arch, versions } = process;
  const directory = join(parent, `${version}-${arch}-${versions.v8}`);
  const compile = Module.prototype._compile;
  const added = new Map();
  Module.prototype._compile = function (source, filename) {
    const name = basename(filename);
    if (dirname(filename) !== program || !/-[\w-]{8}\.cjs$/.test(name))
      return compile.call(this, source, filename);
    let cachedData;
    try {
      const kept = fs.readFileSync(join(directory, name));
      const code = kept.subarray(CHECKSUM_BYTES);
      if (kept.readUInt32LE() === crc32(code)) cachedData = code;
    } catch {}
    const script = new Script(Module.wrap(source), { filename, cachedData });
    if (cachedData === undefined || script.cachedDataRejected) added.set(name, script);
    const body = script.runInThisContext();
    return body.call(this.exports, this.exports, (id) => this.require(id), this, filename, program);
  };
  process.on('exit', () => {
    if (added.size === 0) return;
    let draft = '';
    try {
      if (!fs.existsSync(directory)) fs.mkdirSync(directory, { mode: 0o700 });
      for (const [name, script] of added) {
        draft = join(directory, `${name}.${process.pid}`);
        const code = script.createCachedData();
        const checksum = Buffer.alloc(CHECKSUM_BYTES);
        checksum.writeUInt32LE(crc32(code));
        fs.writeFileSync(draft, Buffer.concat([checksum, code]), { mode: 0o600, flag: 'wx' });
        fs.renameSync(draft, join(directory, name));
      }
    } catch {
      // Full, or read-only: the next start compiles again.
      try {
        fs.unlinkSync(draft);
      } catch {}
    }
  });
}
