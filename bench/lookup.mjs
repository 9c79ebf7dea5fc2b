// @ts-check
/** What it costs to find and to check a presented secret, against the least that a database can do. */
import Database from 'better-sqlite3';
import { repeated, repeatedSync, takeTurns } from './measuring.mjs';
import { AUTHOR, SECRET } from './record.mjs';
import { measuredRow } from './report.mjs';
import { sampleOf } from './subject.mjs';

/**
 * @typedef {import('./library.mjs').Library} Library
 * @typedef {import('./subject.mjs').FileSubject} Subject
 */

/** Look-ups in a sample, and samples in a round. */
const LOOKUPS = 1_000;
const SAMPLES = 10;

/** The store that the goal is about. */
const SIZE = 10_000;

/** Of the use case, which writes durably, there are fewer. */
const VERIFICATIONS = 50;

/**
 * @param {Library} library
 * @param {readonly Subject[]} subjects
 * @param {{ readonly rounds: number }} settings
 */
export async function lookupRows(library, subjects, { rounds }) {
  const subject = subjects.find(({ size }) => size === SIZE);
  if (subject === undefined) throw new Error(`there is no store of ${SIZE}`);
  const database = new Database(subject.path, { readonly: true });
  try {
    const plain = database.prepare('select * from version_hash where version_id = ?');
    const look = verifying(library, subject);
    // The first look at a secret notes that it was received, and a long-lived verifier reads anew after every change.
    for (const turn of subject.samples.keys()) await look(turn);
    const warm = await warmVerifier(library, subject);
    const sides = [
      repeatedSync(LOOKUPS, warm.verify),
      repeatedSync(LOOKUPS, (turn) => plain.get(sampleOf(subject.samples, turn).versionId)),
      repeated(LOOKUPS, (turn) =>
        subject.store.findPresentedVersion(sampleOf(subject.samples, turn).versionId),
      ),
      repeated(VERIFICATIONS, look),
      repeated(LOOKUPS, checking(library, subject)),
      repeated(VERIFICATIONS, verifying(library, subject, { id: reversed })),
      repeated(VERIFICATIONS, verifying(library, subject, { secret: another })),
    ];
    const measured = await takeTurns(sides, { rounds, samples: SAMPLES });
    await warm.close();
    const peer = 'prepared SELECT by key';
    const unit = /** @type {const} */ ('/s');
    return [
      measuredRow(
        { name: 'verify in process, warm', peer, unit, goal: { of: 'speed', value: 0.3 } },
        measured,
        0,
        1,
      ),
      measuredRow({ name: 'look-up, SHA-256, judgement', peer, unit, goal: null }, measured, 4, 1),
      measuredRow({ name: 'look-up alone', peer, unit, goal: null }, measured, 2, 1),
      measuredRow({ name: 'verify as a command does', peer, unit, goal: null }, measured, 3, 1),
      measuredRow(
        {
          name: 'verify of an unknown id',
          peer: 'of a wrong secret',
          unit,
          goal: { of: 'speed', value: 0.95 },
        },
        measured,
        5,
        6,
      ),
    ];
  } finally {
    database.close();
  }
}

/**
 * The verifier of a long-lived process, which has met every secret of the sample before.
 *
 * @param {Library} library
 * @param {Subject} subject
 */
async function warmVerifier(library, { path, samples }) {
  const store = library.openServingStore(path, null);
  const verifier = new library.Verifier({
    store,
    hasher: library.secretHasher,
    fingerprinter: library.fingerprinter(),
    clock: library.systemClock,
    processes: library.systemProcesses(),
    author: AUTHOR,
  });
  const presented = samples.map(({ type, versionId }) => {
    const kind = /** @type {'key' | 'sec'} */ (type === 'api-key' ? 'key' : 'sec');
    const secret = library.composeSecret('cctl', kind, versionId, SECRET);
    return { secret, kinds: [kind], clientId: null, address: '192.0.2.1' };
  });
  // Some of the sample are inactive.
  const good = [];
  for (const each of presented) if ((await verifier.verify(each)).accepted) good.push(each);
  return {
    verify(/** @type {number} */ turn) {
      const answer = verifier.verify(sampleOf(good, turn));
      if (answer instanceof Promise || !answer.accepted) throw new Error('a secret is not remembered');
    },
    close: () => store.close(),
  };
}

/**
 * What a server has to do for every request: find, compare, judge.
 *
 * @param {Library} library
 * @param {import('./subject.mjs').Subject} subject
 */
export function checking({ judge, secretHasher }, { store, samples }) {
  const now = Date.now();
  return async (/** @type {number} */ turn) => {
    const found = await store.findPresentedVersion(sampleOf(samples, turn).versionId);
    if (found === null || !(await secretHasher.matches(SECRET, found.hash)))
      throw new Error('a secret is wrong');
    const evidence = { credential: found.credential, version: found.version, token: null };
    return judge(evidence, now, () => found.credential.scopes);
  };
}

/**
 * The use case as it is, which notes in a transaction of its own that a secret has been seen.
 *
 * @param {Library} library
 * @param {Subject} subject
 * @param {{ readonly id?: (text: string) => string, readonly secret?: (text: string) => string }} altered
 */
function verifying(library, { store, samples }, { id = same, secret: changed = same } = {}) {
  const { composeSecret, secretHasher: hasher, systemClock: clock } = library;
  const deps = { store, hasher, clock, author: AUTHOR, processes: library.systemProcesses() };
  const secrets = samples.map(({ type, versionId }) =>
    composeSecret('cctl', type === 'api-key' ? 'key' : 'sec', id(versionId), changed(SECRET)),
  );
  return (/** @type {number} */ turn) =>
    library.verify(deps, { secret: sampleOf(secrets, turn), clientId: null, scopes: [] });
}

/** @param {string} text */
const same = (text) => text;

/** @param {string} text */
const reversed = (text) => [...text].reverse().join('');

const another = () => 'B'.repeat(SECRET.length);
