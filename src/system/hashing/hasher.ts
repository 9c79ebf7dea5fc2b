import { CredctlError } from '../../domain/errors.js';
import type { HashPolicy, SecretHasher } from '../../domain/ports/ports.js';
import { isBcryptCost } from '../../domain/secret/bcrypt-cost.js';
import { crypto } from '../../files/crypto.js';

/** bcrypt silently ignores input beyond this many bytes. */
const BCRYPT_LIMIT = 72;

const BCRYPT_SALT_BYTES = 16;

const SHA256_PREFIX = '$sha256$';

/** Salt and digest of a well-formed dummy bcrypt hash, which takes as long to compare as a real one. */
const NOBODY_BCRYPT = `${'abcdefghijklmnopqrstuu'}${'abcdefghijklmnopqrstuvwxyz01234'}`;

/**
 * Hashes by the policy of a store. The stored string names its scheme and cost: `$2b$10$…` for bcrypt,
 * `$sha256$` and 64 hex digits for SHA-256 (NIST SP 800-63B §3.1.3 allows a plain digest for 256-bit random
 * secrets).
 */
export const secretHasher: SecretHasher = {
  async hash(secret: string, policy: HashPolicy): Promise<string> {
    refuseLong(secret);
    if (policy.scheme === 'sha256') return sha256(secret);
    const { encodeBase64, hashSync } = await import('bcryptjs');
    // Own salt: the library's comes from Web Crypto, which takes longer to load than everything else here.
    const salt = encodeBase64(crypto().randomBytes(BCRYPT_SALT_BYTES), BCRYPT_SALT_BYTES);
    return hashSync(secret, `$2b$${twoDigits(policy.cost)}$${salt}`);
  },

  async matches(secret: string, stored: string): Promise<boolean> {
    if (Buffer.byteLength(secret) > BCRYPT_LIMIT) return false;
    if (stored.startsWith(SHA256_PREFIX)) return sameText(sha256(secret), stored);
    const salt = bcryptSalt(stored);
    const { hashSync } = await import('bcryptjs');
    return sameText(hashSync(secret, salt), stored);
  },

  async spend(secret, policies, compared): Promise<void> {
    for (const hash of hashesToSpend(policies, compared)) await this.matches(secret, hash);
  },

  digest: (text) => crypto().hash('sha256', text),

  isSameDigest: sameText,
};

/** Dummy hashes to compare for constant cost: one per policy except that of `compared`. */
export function hashesToSpend(policies: readonly HashPolicy[], compared: string | null): readonly string[] {
  const hashes = new Set(policies.map(nobodysHash));
  return [...hashes].filter((hash) => compared === null || policyIn(hash) !== policyIn(compared));
}

/** The scheme and cost prefix of a stored hash; bcrypt variants cost the same. */
function policyIn(stored: string): string | null {
  return /^\$(?:sha256|2[aby]\$\d\d)\$/.exec(stored)?.[0].replace(/^\$2[ay]/, '$2b') ?? null;
}

/** A dummy hash of a policy. */
function nobodysHash(policy: HashPolicy): string {
  return policy.scheme === 'sha256'
    ? `${SHA256_PREFIX}${'0'.repeat(64)}`
    : `$2b$${twoDigits(policy.cost)}$${NOBODY_BCRYPT}`;
}

function twoDigits(cost: number): string {
  return String(cost).padStart(2, '0');
}

/** Whether a stored hash uses a slow scheme (bcrypt). */
export function isSlow(stored: string): boolean {
  return !stored.startsWith(SHA256_PREFIX);
}

/**
 * Scheme, cost and salt of a stored bcrypt hash.
 *
 * @throws CredctlError `integrity` when it is not one
 */
export function bcryptSalt(stored: string): string {
  const [, cost] = /^\$2[aby]\$(\d\d)\$[./0-9A-Za-z]{53}$/.exec(stored) ?? [];
  if (cost !== undefined && isBcryptCost(Number(cost))) return stored.slice(0, 29);
  throw new CredctlError('integrity', 'the store holds a hash of an unknown kind', {
    hint: "run 'credctl store check'",
  });
}

function refuseLong(secret: string): void {
  if (Buffer.byteLength(secret) > BCRYPT_LIMIT) {
    throw new CredctlError(
      'unexpected',
      `a secret of more than ${BCRYPT_LIMIT} bytes cannot be hashed safely`,
    );
  }
}

function sha256(secret: string): string {
  return `${SHA256_PREFIX}${crypto().hash('sha256', secret)}`;
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && crypto().timingSafeEqual(left, right);
}
