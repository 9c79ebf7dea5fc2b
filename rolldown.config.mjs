// @ts-check
/** How the program and the library are bundled. */
import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** What npm installs beside the package, since it is compiled; and the addon that PostgreSQL's driver can do without. */
const ADDONS = ['@napi-rs/keyring', 'better-sqlite3', 'pg-native'];

/**
 * commander loads child_process, and with it streams and sockets, for commands that are programs of their own: none of
 * ours is. Late, every start is 3 ms of 25 shorter.
 *
 * @type {import('rolldown').Plugin}
 */
const lateChildProcess = {
  name: 'late-child-process',
  resolveId: (source, importer) =>
    source === 'node:child_process' && importer?.includes('/commander/') ? '\0late-child-process' : null,
  load: (id) =>
    id === '\0late-child-process'
      ? "exports.spawn = (...values) => process.getBuiltinModule('node:child_process').spawn(...values);"
      : null,
};

/** @type {import('rolldown').RolldownOptions} */
const common = {
  platform: 'node',
  external: ADDONS,
  plugins: [lateChildProcess],
  transform: { target: 'node20.19', define: { CREDCTL_VERSION: JSON.stringify(version) } },
};

/** @type {import('rolldown').RolldownOptions[]} */
export default [
  {
    ...common,
    input: { entry: 'src/cli/entry.ts' },
    // Modules that most commands need are one file: a command is some 20 files, not 50. CommonJS starts faster.
    output: {
      format: 'cjs',
      dynamicImportInCjs: false,
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name]-[hash].cjs',
      minify: true,
      codeSplitting: { groups: [{ name: 'common', test: /\/src\//, minShareCount: 15 }] },
    },
  },
  {
    ...common,
    input: {
      'keychain-agent': 'src/system/keychain/keychain-agent.ts',
      library: 'src/index.ts',
      'library-fastify': 'src/library/fastify.ts',
      'library-express': 'src/library/express.ts',
      'library-fetch': 'src/library/fetch.ts',
    },
    output: { format: 'es', entryFileNames: '[name].mjs', chunkFileNames: 'library-[name]-[hash].mjs' },
  },
  // Threads, one file each, lazy imports included: what has started needs no file of the package any more.
  ...Object.entries({
    'hash-thread': 'src/system/hashing/hash-thread.ts',
    'writer-thread': 'src/storage/serving/sqlite/writer-thread.ts',
    'scan-thread': 'src/system/scan/scan-thread.ts',
  }).map(([name, module]) => ({
    ...common,
    input: { [name]: module },
    output: { format: /** @type {const} */ ('es'), entryFileNames: '[name].mjs', codeSplitting: false },
  })),
];
