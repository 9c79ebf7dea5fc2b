// @ts-check
/** Credentials as the program would store them, for the stores that are filled and for inserts that are measured. */
import { randomBytes } from 'node:crypto';

/** @typedef {import('./library.mjs').Library} Library */

export const AUTHOR = { actor: 'bench@localhost', reason: null };

/** The 43 secret characters of every credential. */
export const SECRET = 'A'.repeat(43);

export const DAY_MS = 86_400_000;
export const FIRST_TIME = Date.UTC(2025, 0, 1);

/**
 * When a credential of a filled store was made: one after the other.
 *
 * @param {number} index
 */
export function timeOf(index) {
  return FIRST_TIME + index * 20;
}

/**
 * Names in an order of their own, as they are in life: credentials that follow each other in a listing were made at
 * different times, and lie in different places of the file. The factor shares no divisor with a power of ten.
 *
 * @param {number} index
 * @param {number} count
 */
export function nameOf(index, count) {
  return serviceName((index * 7_368_787 + 12_347) % count);
}

/**
 * The name at a position of a listing by name.
 *
 * @param {number} position
 */
export function serviceName(position) {
  return `service-${String(position).padStart(7, '0')}`;
}

/** How much there is of what, as one in so many. */
const ONE_IN = { inactive: 50, expired: 50, due: 100, retiring: 50 };

/** Different teams, and different customers in descriptions: enough that each has few credentials. */
const TEAMS = 2_000;
const CUSTOMERS = 100_000;

/** How long all that is to happen in the future stays there. */
const YEARS_MS = 3_650 * DAY_MS;

/** The text of the one description that holds it. */
export const RARE_TEXT = 'quicksilver';

/** The one credential with this label. */
export const RARE_LABEL = { key: 'pilot', value: 'yes' };

/** @param {number} index */
export function teamOf(index) {
  return `team-${String((index * 7) % TEAMS).padStart(4, '0')}`;
}

/** @param {number} index */
function descriptionOf(index) {
  if (index === 42) return `Reads orders, ${RARE_TEXT}`;
  if (index % 2 === 0) return null;
  return `Synchronises ${index % 4 === 1 ? 'orders' : 'profiles'} for customer-${String((index * 31) % CUSTOMERS).padStart(5, '0')}`;
}

/**
 * @param {number} index
 * @returns {readonly (readonly [string, string])[]}
 */
function labelsOf(index) {
  if (index === 42) return [[RARE_LABEL.key, RARE_LABEL.value]];
  if (index % 4 !== 0) return [];
  return [
    ['env', index % 8 === 0 ? 'prod' : 'test'],
    ['team', teamOf(index)],
  ];
}

/**
 * @param {number} index
 * @param {number} at
 */
function endOf(index, at) {
  if (index % ONE_IN.expired === 13) return at + 30 * DAY_MS;
  return index % 5 === 0 ? at + YEARS_MS : null;
}

/**
 * @param {number} index
 * @param {number} at
 */
function policyOf(index, at) {
  if (index % ONE_IN.due === 21) {
    return { rotateEvery: { text: '90d', ms: 90 * DAY_MS }, rotationDueAt: at + 90 * DAY_MS };
  }
  return index % 10 === 3
    ? { rotateEvery: { text: '3650d', ms: YEARS_MS }, rotationDueAt: at + YEARS_MS }
    : { rotateEvery: null, rotationDueAt: null };
}

/**
 * When it was last used, if ever: most of them within a year and a half after they were made.
 *
 * @param {number} index
 */
export function usedAt(index) {
  return index % 3 === 0 ? null : timeOf(index) + (1 + ((index * 13) % 550)) * DAY_MS;
}

/**
 * A credential and its newest version as the program would insert them, and the version before, of some.
 *
 * @param {Library} library
 * @param {number} index
 * @param {number} at epoch milliseconds
 * @param {string} name
 * @param {string | null} ownerId
 */
export function record({ drawBase62, ID_LENGTH }, index, at, name, ownerId) {
  const isKey = index % 2 === 0;
  const id = uuid(at);
  const draw = (/** @type {number} */ length) => drawBase62(pooledBytes, length);
  /** @type {Parameters<Library['newCredentialColumns']>[0]} */
  const credential = {
    id,
    name,
    type: isKey ? 'api-key' : 'oauth2',
    status: index % ONE_IN.inactive === 49 ? 'inactive' : 'active',
    clientId: isKey ? null : `cctl_id_${draw(16)}`,
    scopes: index % 3 === 0 ? ['data:conversations', 'data:users'] : ['data:interactions'],
    ownerId,
    description: descriptionOf(index),
    labels: new Map(labelsOf(index)),
    createdAt: at,
    createdBy: AUTHOR.actor,
    updatedAt: at,
    revision: 1,
    expiresAt: endOf(index, at),
    ...policyOf(index, at),
  };
  /** @type {Parameters<Library['newVersionColumns']>[0]} */
  const version = {
    id: draw(ID_LENGTH),
    credentialId: id,
    number: 1,
    createdAt: at,
    deliveredAt: at,
    lapsesAt: null,
    retiresAt: null,
    revokedAt: null,
    ended: null,
    firstUsedAt: null,
    lastUsedAt: null,
    supersede: { kind: 'grace', ms: 0 },
    delivery: null,
    destinations: ['stdout'],
  };
  if (index % ONE_IN.retiring !== 7) return { credential, version, previous: null };
  const previous = { ...version, id: draw(ID_LENGTH), retiresAt: at + YEARS_MS };
  return { credential, version: { ...version, number: 2 }, previous };
}

let pool = Buffer.alloc(0);

/**
 * Random bytes out of a large draw, which costs a tenth of many small ones.
 *
 * @param {number} length
 */
function pooledBytes(length) {
  if (pool.length < length) pool = randomBytes(65_536);
  const bytes = pool.subarray(0, length);
  pool = pool.subarray(length);
  return bytes;
}

/** A UUIDv7. @param {number} at epoch milliseconds */
function uuid(at) {
  const time = at.toString(16).padStart(12, '0');
  const random = pooledBytes(10).toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
}
