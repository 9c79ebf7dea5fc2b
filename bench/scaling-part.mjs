// @ts-check
/** The part `scaling`: what one operation costs on either engine, beside a hundred credentials and beside a million. */

import { openDatabaseSubject } from './database-subject.mjs';
import { startFilledServer } from './filled-database.mjs';
import { filledStore } from './filled-store.mjs';
import { loadLibrary } from './library.mjs';
import { Unmeasurable } from './measuring.mjs';
import { scalingTable } from './scaling.mjs';
import { openSubject } from './subject.mjs';

/**
 * @typedef {import('./library.mjs').Library} Library
 * @typedef {import('./subject.mjs').Subject} Subject
 */

/** Credentials in the stores, smallest first. */
const SIZES = [100, 10_000, 1_000_000];

/**
 * @param {{ readonly rounds: number }} settings
 * @returns {Promise<import('./report.mjs').Part>}
 */
export async function measure(settings) {
  const paths = [];
  for (const size of SIZES) paths.push({ size, path: await filledStore(size) });
  const library = await loadLibrary();
  const onFiles = await scalingOf(
    library,
    'SQLite',
    async () => paths.map(({ size, path }) => openSubject(library, path, size)),
    settings,
  );
  try {
    const onServer = await scalingOnServer(library, settings);
    return { name: 'scaling', rows: [], scaling: [onFiles, onServer], notes: [] };
  } catch (fault) {
    if (!(fault instanceof Unmeasurable)) throw fault;
    return { name: 'scaling', rows: [], scaling: [onFiles], notes: [`not on PostgreSQL: ${fault.message}`] };
  }
}

/**
 * @param {Library} library
 * @param {{ readonly rounds: number }} settings
 */
async function scalingOnServer(library, settings) {
  const { server, urlOf } = await startFilledServer(library, SIZES);
  try {
    return await scalingOf(
      library,
      'PostgreSQL',
      async () => {
        const subjects = [];
        for (const size of SIZES) subjects.push(await openDatabaseSubject(library, urlOf(size), size));
        return subjects;
      },
      settings,
    );
  } finally {
    await server.stop();
  }
}

/**
 * @param {Library} library
 * @param {string} engine
 * @param {() => Promise<readonly Subject[]>} open smallest first
 * @param {{ readonly rounds: number }} settings
 */
async function scalingOf(library, engine, open, settings) {
  const subjects = await open();
  try {
    return { engine, ...(await scalingTable(library, subjects, settings)) };
  } finally {
    for (const subject of subjects) await subject.close();
  }
}
