// @ts-check
/** The part `scan`: searching a tree and a history for secrets. Whole processes, on files that are in memory. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { takeTurns } from './measuring.mjs';
import { isInstalled, timeProcess } from './processes.mjs';
import { measuredRow } from './report.mjs';

/**
 * @typedef {import('./report.mjs').Part} Part
 * @typedef {import('./cli.mjs').Settings} Settings
 */

const PROGRAM = fileURLToPath(new URL('../bin/credctl.js', import.meta.url));
const SOURCE = fileURLToPath(new URL('../src/', import.meta.url));

const FILES = 10_000;
const FILE_BYTES = 100_000;
const COMMITS = 10_000;

/** Processes of each side in a round: each takes seconds. */
const SAMPLES = 1;

/**
 * @param {Settings} settings
 * @returns {Promise<Part>}
 */
export async function measure({ rounds, node = execPath, program = PROGRAM }) {
  const home = await mkdtemp(join(tmpdir(), 'credctl-bench-scan-'));
  const effort = { rounds, samples: SAMPLES };
  const output = /** @type {const} */ ('ignore');
  try {
    const tree = join(home, 'tree');
    plantTree(tree);
    const scan = (/** @type {readonly string[]} */ argv) => () =>
      timeProcess(node, [program, 'scan', '--offline', ...argv], { home, output });
    const grep = () => timeProcess('sh', ['-c', `grep -rF cctl_ '${tree}'; true`], { home, output });
    const name = `scan --jobs 1, ${FILES.toLocaleString('en')} files, 1 GB`;
    const inTree = measuredRow(
      { name, peer: 'grep -rF', unit: 'ms', goal: { of: 'cost', value: 2 } },
      await takeTurns([scan(['--no-ignore', '--jobs', '1', tree]), grep], effort),
    );
    return { name: 'scan', rows: [inTree, await historyRow(home, scan, effort)], notes: [] };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/**
 * @param {string} home
 * @param {(argv: readonly string[]) => () => number} scan
 * @param {import('./measuring.mjs').Effort} effort
 */
async function historyRow(home, scan, effort) {
  const name = `scan --history, ${COMMITS.toLocaleString('en')} commits`;
  if (!isInstalled('git')) return { name, missing: "git is not installed (Debian: 'apt-get install git')" };
  const repository = join(home, 'repository.git');
  execFileSync('git', ['init', '-q', '--bare', repository]);
  execFileSync('git', ['-C', repository, 'fast-import', '--quiet'], { input: commits() });
  execFileSync('git', ['-C', repository, 'repack', '-adq']);
  const script = `git -C '${repository}' cat-file --batch-all-objects --batch > /dev/null`;
  const peer = () => timeProcess('sh', ['-c', script], { home, output: 'ignore' });
  return measuredRow(
    { name, peer: 'git cat-file --batch', unit: 'ms', goal: { of: 'cost', value: 1.5 } },
    await takeTurns([scan(['--history', repository]), peer], effort),
  );
}

/** The text of this program, without what a scan would find. */
function text() {
  const files = readdirSync(SOURCE, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const all = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  return Buffer.from(all.join('').replaceAll('cctl_', 'acme_'));
}

/** @param {string} directory */
function plantTree(directory) {
  const source = text();
  for (let file = 0; file < FILES; file += 1) {
    const folder = join(directory, String(file % 100));
    if (file < 100) mkdirSync(folder, { recursive: true });
    const start = (file * 7_919) % (source.length - FILE_BYTES);
    writeFileSync(join(folder, `${file}.ts`), source.subarray(start, start + FILE_BYTES));
  }
}

/** A history for `git fast-import`: each commit changes one of a hundred files of some kilobytes. */
function commits() {
  const source = text();
  /** @type {Buffer[]} */
  const stream = [];
  for (let commit = 1; commit <= COMMITS; commit += 1) {
    const start = (commit * 7_919) % (source.length - 10_000);
    const content = source.subarray(start, start + 3_000 + (commit % 5) * 1_000);
    stream.push(
      Buffer.from(
        `commit refs/heads/main\ncommitter a <a@example.com> ${1_700_000_000 + commit} +0000\ndata 6\nchange\nM 100644 inline ${commit % 100}.ts\ndata ${content.length}\n`,
      ),
      content,
      Buffer.from('\n'),
    );
  }
  return Buffer.concat(stream);
}
