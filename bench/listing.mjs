// @ts-check
/** Whether a page of a listing costs the same however much there is beside it. */

import { repeated, takeTurns } from './measuring.mjs';
import { serviceName, timeOf } from './record.mjs';
import { measuredRow } from './report.mjs';
import { sampleOf } from './subject.mjs';

/**
 * @typedef {import('./library.mjs').Library} Library
 * @typedef {import('./subject.mjs').Subject} Subject
 * @typedef {'name' | 'created'} Sort
 */

/** Pages in a sample, and samples of each store in a round. */
const PAGES = 10;
const SAMPLES = 25;

/** How many different pages stand for the middle where it is not always the same one. */
const CURSORS = 500;
const STRIDE = 137;

/** @type {import('./report.mjs').Goal} */
const GOAL = { of: 'cost', value: 1.1 };

/**
 * By name, credentials that follow each other lie scattered over the file, which is the harder case; by creation, they
 * lie side by side. A store of 10 has no page of 50, let alone one in the middle, so that pages of 5 stand for it; pages of 50 are
 * compared from 100 credentials on.
 *
 * @param {Library} library
 * @param {readonly Subject[]} subjects smallest first
 * @param {{ readonly rounds: number }} settings
 */
export async function listingRows(library, subjects, settings) {
  const [, ...fromHundred] = subjects;
  return [
    ...(await compare('page of 50, first', fromHundred, settings, (subject) => listing(subject, 50, null))),
    ...(await compare('page of 50, middle', fromHundred, settings, (subject) =>
      listing(subject, 50, middle(library, subject, 0.25)),
    )),
    ...(await compare('page of 5, first', subjects, settings, (subject) => listing(subject, 5, null))),
    ...(await compare('page of 5, middle', subjects, settings, (subject) =>
      listing(subject, 5, middle(library, subject, 0.4)),
    )),
    ...(await compare(
      'page of 50, middle, by creation',
      fromHundred,
      settings,
      (subject) => listing(subject, 50, middle(library, subject, 0.75, 'created'), 'created'),
      null,
    )),
    ...(await compare('page of 50, each another', fromHundred, settings, wandering(library), null)),
  ];
}

/**
 * @param {string} name
 * @param {readonly Subject[]} subjects
 * @param {{ readonly rounds: number }} settings
 * @param {(subject: Subject) => (turn: number) => Promise<unknown>} operation
 * @param {import('./report.mjs').Goal | null} goal
 */
async function compare(name, subjects, { rounds }, operation, goal = GOAL) {
  const sides = subjects.map((subject) => repeated(PAGES, operation(subject)));
  const measured = await takeTurns(sides, { rounds, samples: SAMPLES });
  const [smallest, ...larger] = subjects.map(({ size }) => size.toLocaleString('en'));
  return larger.map((size, index) =>
    measuredRow(
      { name: `${name}, of ${size}`, peer: `of ${smallest}`, unit: 'µs', goal },
      measured,
      index + 1,
      0,
    ),
  );
}

/**
 * @param {Subject} subject
 * @param {number} limit
 * @param {string | null} cursor
 * @param {Sort} sort
 */
function listing({ store }, limit, cursor, sort = 'name') {
  const query = { now: Date.now(), sort, limit };
  return async () => {
    const page = await store.listCredentials(cursor === null ? query : { ...query, cursor });
    if (page.items.length !== limit)
      throw new Error(`a page of ${limit} has ${page.items.length} credentials`);
  };
}

/**
 * A page that starts at the given share of all names or times; by time, the newest come first.
 *
 * @param {Library} library
 * @param {Subject} subject
 * @param {number} share
 * @param {Sort} sort
 */
function middle({ cursorAt }, { size }, share, sort = 'name') {
  const position = Math.floor(size * share);
  return cursorAt(sort, sort === 'name' ? serviceName(position) : timeOf(position), '~');
}

/**
 * Pages all over the store, so that hardly any is still in SQLite's own cache.
 *
 * @param {Library} library
 */
function wandering(library) {
  return (/** @type {Subject} */ subject) => {
    const cursors = Array.from({ length: CURSORS }, (_, index) =>
      listing(subject, 50, middle(library, subject, (((index * STRIDE) % CURSORS) / CURSORS) * 0.49)),
    );
    return (/** @type {number} */ turn) => sampleOf(cursors, turn)();
  };
}
