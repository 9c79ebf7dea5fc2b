// @ts-check
/** What fleets of several sizes carry, as a table. */
import { readFile } from 'node:fs/promises';
import { capacity } from './capacity.mjs';

/**
 * @typedef {object} Parameters
 * @property {import('./fleet.mjs').Services} services
 * @property {readonly number[]} shares of requests that ask for a token; one table for each
 * @property {readonly import('./fleet.mjs').Fleet[]} fleets
 * @property {{ readonly milliseconds: number, readonly seed: number }} run
 */

const HEADER = [
  'gateways',
  'databases × cores',
  'requests/s',
  'p99 of a verification',
  'p99 of a token',
  'look-ups in a question',
  'cores of a database',
  'limit',
];

/** @returns {Promise<Parameters>} the parameters that are kept with the simulation */
export async function storedParameters() {
  return JSON.parse(await readFile(new URL('./parameters.json', import.meta.url), 'utf8'));
}

/**
 * @param {Parameters} parameters
 * @returns {string} Markdown
 */
export function capacityTables({ services, shares, fleets, run }) {
  return shares
    .map((tokens) => {
      const rows = fleets.map((fleet) => cells(fleet, capacity(services, fleet, tokens, run)));
      return [`${title(tokens)}:`, '', line(HEADER), line(HEADER.map(() => '---')), ...rows.map(line)].join(
        '\n',
      );
    })
    .join('\n\n');
}

/** @param {number} tokens */
function title(tokens) {
  if (tokens === 0) return 'Verifications and introspections only';
  if (tokens === 1) return 'Tokens only';
  return `Of all requests, ${(tokens * 100).toFixed(0)} % ask for a token`;
}

/**
 * @param {import('./fleet.mjs').Fleet} fleet
 * @param {ReturnType<typeof capacity>} outcome
 */
function cells({ gateways, shards, cores, partitioned }, { rate, read, token, group, use, limit }) {
  const time = (/** @type {number} */ value) => (value === 0 ? '–' : `${value.toFixed(1)} ms`);
  return [
    String(gateways),
    `${shards} × ${cores}${partitioned ? ', partitioned' : ''}`,
    (Math.round(rate / 100) * 100).toLocaleString('en'),
    time(read),
    time(token),
    group.toFixed(1),
    `${(use.database * 100).toFixed(0)} %`,
    limit,
  ];
}

/** @param {readonly string[]} row */
function line(row) {
  return `| ${row.join(' | ')} |`;
}
