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

/**
 * A credential and its version as the program would insert them.
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
    status: index % 50 === 49 ? 'inactive' : 'active',
    clientId: isKey ? null : `cctl_id_${draw(16)}`,
    scopes: index % 3 === 0 ? ['data:conversations', 'data:users'] : ['data:interactions'],
    ownerId,
    description: index % 4 === 0 ? 'made to be measured' : null,
    labels: new Map(index % 4 === 0 ? [['env', index % 8 === 0 ? 'prod' : 'test']] : []),
    createdAt: at,
    createdBy: AUTHOR.actor,
    updatedAt: at,
    revision: 1,
    expiresAt: index % 5 === 0 ? at + 3_650 * DAY_MS : null,
    rotateEvery: null,
    rotationDueAt: null,
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
  return { credential, version };
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
