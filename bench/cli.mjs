// @ts-check
/** The part `cli`: what a user waits for. Whole processes, each from its start to its end. */
import { readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { takeTurns, Unmeasurable } from './measuring.mjs';
import { isInstalled, outputOf, timeProcess } from './processes.mjs';
import { measuredRow } from './report.mjs';

/**
 * @typedef {import('./report.mjs').Part} Part
 * @typedef {import('./report.mjs').MeasuredRow} MeasuredRow
 */

const PROGRAM = fileURLToPath(new URL('../bin/credctl.js', import.meta.url));
const DISTRIBUTION = fileURLToPath(new URL('../dist/', import.meta.url));
const SOURCE = fileURLToPath(new URL('../src/', import.meta.url));
const LOADER = fileURLToPath(new URL('./filled-store.mjs', import.meta.url));

/** Processes of each side in a round. */
const SAMPLES = 10;

const SCOPE = ['--type', 'api-key', '--scope', 'data:conversations'];

/**
 * What is measured, and with which Node.js.
 *
 * @typedef {{ readonly rounds: number, readonly node?: string, readonly program?: string }} Settings
 */

/**
 * @param {Settings} settings
 * @returns {Promise<Part>}
 */
export async function measure(settings) {
  const before = buildOf();
  const home = await mkdtemp(join(tmpdir(), 'credctl-bench-home-'));
  try {
    const starts = await startRows(settings, home);
    const creates = await createRows(settings, home);
    const notes = [
      ...(isOutdated() ? ['a source is newer than dist/; build the program and run it again'] : []),
      ...(buildOf() === before
        ? []
        : ['dist/ was rebuilt meanwhile: the figures mix two programs; run it again']),
    ];
    return { name: 'cli', rows: [...starts, ...creates], notes };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Tells one build from the next. */
function buildOf() {
  try {
    const files = readdirSync(DISTRIBUTION).map((name) => [name, statSync(join(DISTRIBUTION, name)).mtimeMs]);
    if (files.length > 0) return JSON.stringify(files);
  } catch {}
  throw new Unmeasurable("the program has not been built: run 'npm run build' first");
}

/** The build gives its files the time at which it began. */
function isOutdated() {
  const built = Math.min(
    ...readdirSync(DISTRIBUTION).map((name) => statSync(join(DISTRIBUTION, name)).mtimeMs),
  );
  return readdirSync(SOURCE, { recursive: true }).some(
    (name) => statSync(join(SOURCE, String(name))).mtimeMs > built,
  );
}

/**
 * @param {Settings} settings
 * @param {string} home
 */
async function startRows(settings, home) {
  const { node = execPath, program = PROGRAM } = settings;
  const store = outputOf([LOADER, '10000']);
  const configured = join(home, 'configured');
  await mkdir(join(configured, '.config', 'credctl'), { recursive: true });
  await writeFile(join(configured, '.config', 'credctl', 'config.toml'), 'hash = "sha256"\n', {
    mode: 0o600,
  });
  const list = ['list', '--json', '--limit', '10', '--store', store];
  /** @type {readonly { name: string, argv: readonly string[], goal: number, home: string }[]} */
  const commands = [
    { name: 'list --json --limit 10, of 10,000', argv: list, goal: 1.5, home },
    { name: 'the same with a config file', argv: list, goal: 1.5, home: configured },
    { name: '--help', argv: ['--help'], goal: 1.3, home },
    { name: '--version', argv: ['--version'], goal: 1.3, home },
  ];
  /** @type {MeasuredRow[]} */
  const rows = [];
  for (const { name, argv, goal, home } of commands) {
    const sides = [
      () => timeProcess(node, [program, ...argv], { home, output: 'ignore' }),
      () => timeProcess(node, ['-e', '0'], { home, output: 'ignore' }),
    ];
    // The first start keeps what it has compiled.
    sides[0]?.();
    const rounds = await takeTurns(sides, { rounds: settings.rounds, samples: SAMPLES });
    rows.push(
      measuredRow({ name, peer: 'node -e 0', unit: 'ms', goal: { of: 'cost', value: goal } }, rounds),
    );
  }
  return rows;
}

/**
 * @param {Settings} settings
 * @param {string} home
 */
async function createRows(settings, home) {
  const effort = { rounds: settings.rounds, samples: SAMPLES };
  const inBcrypt = creating(settings, home, 'bcrypt', ['--hash', 'bcrypt', '--bcrypt-cost', '10']);
  const inSha256 = creating(settings, home, 'sha256', ['--hash', 'sha256']);
  const node = () => timeProcess(settings.node ?? execPath, ['-e', '0'], { home, output: 'pipe' });
  const name = 'create, bcrypt cost 10';
  const bcrypt = isInstalled('htpasswd')
    ? measuredRow(
        { name, peer: 'htpasswd -B -C 10', unit: 'ms', goal: { of: 'cost', value: 2.1 } },
        await takeTurns([inBcrypt, addingUsers(home)], effort),
      )
    : { name, missing: "htpasswd is not installed (Debian: 'apt-get install apache2-utils')" };
  const sha256 = measuredRow(
    { name: 'create, sha256', peer: 'node -e 0', unit: 'ms', goal: { of: 'cost', value: 1.8 } },
    await takeTurns([inSha256, node], effort),
  );
  return [bcrypt, sha256];
}

/**
 * Issues one API key after the other in a new store.
 *
 * @param {Settings} settings
 * @param {string} home
 * @param {string} store
 * @param {readonly string[]} policy
 */
function creating({ node = execPath, program = PROGRAM }, home, store, policy) {
  const path = join(home, `${store}.db`);
  const run = (/** @type {readonly string[]} */ argv) =>
    timeProcess(node, [program, ...argv, '--store', path], { home, output: 'pipe' });
  run(['store', 'init', ...policy]);
  let count = 0;
  return () => run(['create', `service-${++count}`, ...SCOPE]);
}

/**
 * Adds one user after the other to a password file that exists.
 *
 * @param {string} home
 */
function addingUsers(home) {
  const file = join(home, 'passwords');
  const add = (/** @type {readonly string[]} */ argv) =>
    timeProcess('htpasswd', argv, { home, output: 'pipe' });
  add(['-c', '-B', '-b', '-C', '10', file, 'service-0', 'secret-0']);
  let count = 0;
  return () => add(['-B', '-b', '-C', '10', file, `service-${++count}`, `secret-${count}`]);
}
