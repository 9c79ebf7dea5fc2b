// @ts-check
/** The part `store`: what a store costs inside one process, and how that grows with what it holds. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bulkRow } from './bulk-issue.mjs';
import { filledStore } from './filled-store.mjs';
import { loadLibrary } from './library.mjs';
import { listingRows } from './listing.mjs';
import { lookupRows } from './lookup.mjs';
import { openSubject } from './subject.mjs';

/** @typedef {import('./report.mjs').Part} Part */

/** Credentials in the stores, smallest first. */
const SIZES = [10, 100, 10_000, 1_000_000];

/**
 * @param {{ readonly rounds: number }} settings
 * @returns {Promise<Part>}
 */
export async function measure(settings) {
  const paths = [];
  for (const size of SIZES) paths.push({ size, path: await filledStore(size) });
  const library = await loadLibrary();
  const directory = await mkdtemp(join(tmpdir(), 'credctl-bench-'));
  const subjects = paths.map(({ size, path }) => openSubject(library, path, size));
  try {
    const listing = await listingRows(library, subjects, settings);
    const lookups = await lookupRows(library, subjects, settings);
    const bulk = await bulkRow(library, directory, settings);
    return { name: 'store', rows: [...listing, ...lookups, bulk], notes: [] };
  } finally {
    for (const subject of subjects) await subject.close();
    await rm(directory, { recursive: true, force: true });
  }
}
