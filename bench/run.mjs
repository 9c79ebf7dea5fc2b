// @ts-check
/**
 * Measures the program side by side with what it is compared with, and prints a table: `npm run bench`.
 *
 * Options: `--only PART[,PART…]`, `--rounds N`, `--json`. What cannot be measured here is shown with the reason. The part
 * `cli` also takes `--node FILE` and `--program FILE`: another release of Node.js, and the program as it is installed there.
 */
import process, { env, exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { Unmeasurable } from './measuring.mjs';
import { jsonReport, machine, tableReport } from './report.mjs';

/**
 * @typedef {import('./report.mjs').Part} Part
 * @typedef {import('./cli.mjs').Settings} Settings
 */

const DEFAULT_ROUNDS = 7;
const MOST_ROUNDS = 1_000;

/**
 * The parts in the order in which they run: processes first, while this one is still small and quick to fork.
 *
 * @type {ReadonlyMap<string, (() => Promise<{ measure: (settings: Settings) => Promise<Part> }>)>}
 */
const PARTS = new Map([
  ['cli', () => import('./cli.mjs')],
  ['scan', () => import('./scan.mjs')],
  ['store', () => import('./store.mjs')],
  ['scaling', () => import('./scaling-part.mjs')],
  ['services', () => import('./services.mjs')],
  ['server', () => import('./server.mjs')],
]);

// It costs every start of Node 25 ms, which would flatter the ratios.
delete env['NODE_EXTRA_CA_CERTS'];

const { settings, chosen, json } = readArguments();
try {
  /** @type {Part[]} */
  const parts = [];
  for (const load of chosen) parts.push(await (await load()).measure(settings));
  stdout.write(json ? jsonReport(parts, settings, machine()) : tableReport(parts, settings, machine()));
} catch (fault) {
  if (!(fault instanceof Unmeasurable)) throw fault;
  stderr.write(`bench: ${fault.message}\n`);
  process.exitCode = 1;
}

function readArguments() {
  const { values } = parsed();
  const rounds = values.rounds === undefined ? DEFAULT_ROUNDS : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MOST_ROUNDS) {
    refuse(`--rounds takes a whole number from 1 to ${MOST_ROUNDS}, not '${values.rounds}'`);
  }
  const { node, program } = values;
  const installed = { ...(node && { node }), ...(program && { program }) };
  return { settings: { rounds, ...installed }, json: values.json === true, chosen: chosenParts(values.only) };
}

/** @param {string | undefined} only names with commas between them; undefined for all that there are */
function chosenParts(only) {
  const names = only?.split(',') ?? [...PARTS.keys()];
  const unknown = names.find((name) => !PARTS.has(name));
  if (unknown !== undefined)
    refuse(`there is no part '${unknown}'; there are: ${[...PARTS.keys()].join(', ')}`);
  return [...PARTS].flatMap(([name, load]) => (names.includes(name) ? [load] : []));
}

function parsed() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string' },
        node: { type: 'string' },
        program: { type: 'string' },
        rounds: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
  } catch (fault) {
    return refuse(fault instanceof Error ? fault.message : String(fault));
  }
}

/**
 * @param {string} message
 * @returns {never}
 */
function refuse(message) {
  stderr.write(`bench: ${message}\n`);
  exit(2);
}
