// @ts-check
/** What was measured, as rows, and how the rows are printed. */
import { availableParallelism, cpus, totalmem } from 'node:os';
import { arch, platform, version } from 'node:process';
import { costOf, ratioOf } from './measuring.mjs';

/**
 * @typedef {{ readonly median: number, readonly least: number, readonly most: number }} Ratio
 *
 * @typedef {object} Goal
 * @property {'cost' | 'speed'} of the cost may be at most so many times the peer's, or the speed at least that share
 * @property {number} value
 *
 * @typedef {object} MeasuredRow
 * @property {string} name
 * @property {string} peer
 * @property {'ms' | 'µs' | '/s'} unit
 * @property {number} figure in the unit
 * @property {number} peerFigure in the unit
 * @property {Ratio} ratio
 * @property {Goal | null} goal null for a row that is only informative
 * @property {boolean | null} reached
 *
 * @typedef {object} LimitRow a figure that has a limit of its own
 * @property {string} name
 * @property {string} unit
 * @property {number} figure
 * @property {number | null} limit null for a row that is only informative
 * @property {boolean | null} reached
 *
 * @typedef {{ readonly name: string, readonly missing: string }} MissingRow a row that could not be measured, and why
 *
 * @typedef {object} Scaling
 * @property {readonly number[]} sizes
 * @property {readonly { readonly name: string, readonly micros: readonly number[], readonly growth: Ratio }[]} rows
 *
 * @typedef {object} Part
 * @property {string} name
 * @property {readonly (MeasuredRow | LimitRow | MissingRow)[]} rows
 * @property {Scaling} [scaling]
 * @property {readonly string[]} notes
 */

/** Milliseconds in the unit, or how often a cost in milliseconds fits into a second. */
const IN_UNIT = {
  ms: (/** @type {number} */ cost) => cost,
  µs: (/** @type {number} */ cost) => cost * 1_000,
  '/s': (/** @type {number} */ cost) => 1_000 / cost,
};

/**
 * A row of two sides of what {@link import('./measuring.mjs').takeTurns} measured.
 *
 * @param {Pick<MeasuredRow, 'name' | 'peer' | 'unit' | 'goal'>} row
 * @param {readonly (readonly number[])[]} rounds
 * @param {number} [side]
 * @param {number} [other]
 * @returns {MeasuredRow}
 */
export function measuredRow(row, rounds, side = 0, other = 1) {
  const convert = IN_UNIT[row.unit];
  const isSpeed = row.unit === '/s';
  const ratio = isSpeed ? ratioOf(rounds, other, side) : ratioOf(rounds, side, other);
  return {
    ...row,
    figure: convert(costOf(rounds, side)),
    peerFigure: convert(costOf(rounds, other)),
    ratio,
    reached: row.goal === null ? null : isReached(row.goal, ratio.median),
  };
}

/**
 * @param {Goal} goal
 * @param {number} ratio
 */
function isReached(goal, ratio) {
  return goal.of === 'cost' ? ratio <= goal.value : ratio >= goal.value;
}

/** What the figures depend on. */
export function machine() {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    memory_gib: Math.round(totalmem() / 2 ** 30),
    platform: `${platform} ${arch}`,
    node: version,
  };
}

/**
 * @param {readonly Part[]} parts
 * @param {{ readonly rounds: number }} settings
 * @param {ReturnType<typeof machine>} on
 */
export function jsonReport(parts, settings, on) {
  return `${JSON.stringify({ schema_version: 1, rounds: settings.rounds, parts, machine: on }, null, 2)}\n`;
}

/**
 * @param {readonly Part[]} parts
 * @param {{ readonly rounds: number }} settings
 * @param {ReturnType<typeof machine>} on
 */
export function tableReport(parts, settings, on) {
  const lines = parts.flatMap((part) => [
    ...grid(
      ['ROW', 'FIGURE', 'AGAINST', 'ITS FIGURE', 'RATIO', '(MIN–MAX)', 'GOAL', 'REACHED'],
      part.rows.map(cells),
    ),
    ...part.rows.flatMap((row) => ('missing' in row ? [`${row.name}: not measured: ${row.missing}`] : [])),
    ...part.notes.map((note) => `note: ${note}`),
    '',
    ...(part.scaling === undefined ? [] : [...scalingLines(part.scaling), '']),
  ]);
  return `${[
    ...lines,
    `medians of ${settings.rounds} rounds; the sides took turns, the ratio is that of each round`,
    `${on.cores} cores (${on.processor}), ${on.memory_gib} GiB, ${on.platform}, Node ${on.node}`,
  ].join('\n')}\n`;
}

/**
 * @param {string} name
 * @param {string} unit
 * @param {number} value
 * @param {number | null} limit
 * @returns {LimitRow}
 */
export function limitRow(name, unit, value, limit) {
  return { name, unit, figure: value, limit, reached: limit === null ? null : value < limit };
}

/** @param {boolean | null} reached */
function verdict(reached) {
  return reached === null ? '–' : reached ? 'yes' : 'NO';
}

/** @param {MeasuredRow | LimitRow | MissingRow} row */
function cells(row) {
  if ('missing' in row) return [row.name, '–', '–', '–', '–', '–', '–', 'not measured'];
  if ('limit' in row) {
    const limit = row.limit === null ? '–' : `< ${row.limit} ${row.unit}`;
    return [row.name, `${figure(row.figure)} ${row.unit}`, '–', '–', '–', '–', limit, verdict(row.reached)];
  }
  const isSpeed = row.unit === '/s';
  return [
    row.name,
    `${figure(row.figure)} ${row.unit}`,
    row.peer,
    `${figure(row.peerFigure)} ${row.unit}`,
    share(row.ratio.median, isSpeed),
    `(${share(row.ratio.least, isSpeed)}–${share(row.ratio.most, isSpeed)})`,
    row.goal === null ? '–' : `${row.goal.of === 'cost' ? '≤' : '≥'} ${share(row.goal.value, isSpeed)}`,
    verdict(row.reached),
  ];
}

/** @param {Scaling} scaling */
function scalingLines({ sizes, rows }) {
  return grid(
    ['COST OF ONE, BY CREDENTIALS', ...sizes.map((size) => size.toLocaleString('en')), 'GROWTH', '(MIN–MAX)'],
    rows.map(({ name, micros, growth }) => [
      name,
      ...micros.map((value) => `${figure(value)} µs`),
      share(growth.median, false),
      `(${share(growth.least, false)}–${share(growth.most, false)})`,
    ]),
  );
}

/** @param {number} value */
function figure(value) {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });
}

/**
 * @param {number} ratio
 * @param {boolean} isSpeed
 */
function share(ratio, isSpeed) {
  return isSpeed ? `${(ratio * 100).toFixed(0)} %` : `${ratio.toFixed(2)}×`;
}

/**
 * @param {readonly string[]} header
 * @param {readonly (readonly string[])[]} rows
 */
function grid(header, rows) {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
