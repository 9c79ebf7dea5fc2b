import { compareSync, hashSync } from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import type { HashPolicy } from '../../../src/domain/ports/ports.js';
import { hashesToSpend, secretHasher } from '../../../src/system/hashing/hasher.js';
import { failure } from '../../storage/fixtures.js';

const SECRET = '003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf';
const OTHER = SECRET.replace('003', '004');
const CHEAP: HashPolicy = { scheme: 'bcrypt', cost: 4 };
const POLICIES: readonly HashPolicy[] = [CHEAP, { scheme: 'bcrypt', cost: 5 }, { scheme: 'sha256' }];

describe('a hash at rest', () => {
  it('names its scheme and its cost', async () => {
    expect(await secretHasher.hash(SECRET, CHEAP)).toMatch(/^\$2b\$04\$[./0-9A-Za-z]{53}$/);
    expect(await secretHasher.hash(SECRET, { scheme: 'bcrypt', cost: 5 })).toMatch(/^\$2b\$05\$/);
    expect(await secretHasher.hash(SECRET, { scheme: 'sha256' })).toMatch(/^\$sha256\$[0-9a-f]{64}$/);
  });

  it.each(POLICIES)('is matched by its secret and by no other: $scheme $cost', async (policy) => {
    const stored = await secretHasher.hash(SECRET, policy);
    expect(await secretHasher.matches(SECRET, stored)).toBe(true);
    for (const wrong of [OTHER, SECRET.slice(0, -1), `${SECRET}0`, SECRET.toLowerCase(), '']) {
      expect(await secretHasher.matches(wrong, stored), wrong).toBe(false);
    }
  });

  it('has a salt of its own with bcrypt, and the same digest every time with SHA-256', async () => {
    const twice = (policy: HashPolicy) => Promise.all([1, 2].map(() => secretHasher.hash(SECRET, policy)));
    expect(new Set(await twice(CHEAP)).size).toBe(2);
    expect(new Set(await twice({ scheme: 'sha256' })).size).toBe(1);
  });

  it('is the bcrypt of everybody else', async () => {
    expect(compareSync(SECRET, await secretHasher.hash(SECRET, CHEAP))).toBe(true);
    expect(await secretHasher.matches(SECRET, hashSync(SECRET, 4))).toBe(true);
    const vector = '$2a$04$......................';
    expect(await secretHasher.matches(SECRET, hashSync(SECRET, vector))).toBe(true);
  });

  it.each(['', 'plain text', '$2b$10$short', '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA', '$2x$10$'])(
    'of an unknown kind means that the store was damaged: %j',
    async (stored) => {
      await expect(secretHasher.matches(SECRET, stored)).rejects.toEqual(
        failure('integrity', /unknown kind/),
      );
    },
  );

  it('of a damaged SHA-256 matches nothing', async () => {
    expect(await secretHasher.matches(SECRET, '$sha256$abc')).toBe(false);
  });
});

describe('a secret of more than 72 bytes, which bcrypt would cut off', () => {
  it.each(POLICIES)('is not hashed: $scheme $cost', async (policy) => {
    await expect(secretHasher.hash('x'.repeat(73), policy)).rejects.toEqual(
      failure('unexpected', /72 bytes/),
    );
    await expect(secretHasher.hash('é'.repeat(37), policy)).rejects.toEqual(
      failure('unexpected', /72 bytes/),
    );
    await secretHasher.hash('x'.repeat(72), policy);
  });

  it.each(['x'.repeat(72), 'é'.repeat(36)])('matches nothing: %s and more', async (longest) => {
    const stored = await secretHasher.hash(longest, CHEAP);
    expect(await secretHasher.matches(longest, stored)).toBe(true);
    expect(await secretHasher.matches(`${longest}x`, stored)).toBe(false);
  });
});

describe('what a refusal spends', () => {
  it('is a hash of each policy, but for that of a hash that was compared', async () => {
    const kinds = (compared: string | null) =>
      hashesToSpend([...POLICIES, ...POLICIES], compared).map((hash) => hash.slice(0, 7));
    expect(kinds(null)).toEqual(['$2b$04$', '$2b$05$', '$sha256']);
    expect(kinds(await secretHasher.hash(SECRET, { scheme: 'sha256' }))).toEqual(['$2b$04$', '$2b$05$']);
    const slow = await secretHasher.hash(SECRET, CHEAP);
    expect(kinds(slow)).toEqual(['$2b$05$', '$sha256']);
    expect(kinds(slow.replace('$2b$', '$2y$'))).toEqual(['$2b$05$', '$sha256']);
  });
});

describe('the digest of an access token', () => {
  it('is SHA-256 in hex', () => {
    expect(secretHasher.digest('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it.each([
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'ab', false],
    ['', '', true],
  ])('is compared: %j and %j', (a, b, same) => {
    expect(secretHasher.isSameDigest(a, b)).toBe(same);
  });
});
