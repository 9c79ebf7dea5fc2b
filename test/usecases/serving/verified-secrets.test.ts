import { describe, expect, it } from 'vitest';
import { VerifiedSecretCache } from '../../../src/usecases/serving/verified-secrets.js';

const id = (n: number): string => String(n).padStart(12, '0');
/** As it is stored. */
const HASH = `$sha256$${'0123456789abcdef'.repeat(4)}`;
const mark = (n: number): string => String.fromCharCode(n & 255, (n >> 8) & 255).repeat(16);

function has(secrets: VerifiedSecretCache, versionId: string): boolean {
  return secrets.slotOf(versionId) !== null;
}

function isRemembered(secrets: VerifiedSecretCache, versionId: string, presented: string): boolean {
  const slot = secrets.slotOf(versionId);
  return slot !== null && secrets.isFingerprintIn(slot, presented);
}

describe('remembered secrets', () => {
  it('are told from every other mark of the same version, and from that of every other version', () => {
    const secrets = new VerifiedSecretCache(100);
    for (let n = 0; n < 50; n += 1) secrets.remember(id(n), mark(n), HASH);
    for (let n = 0; n < 50; n += 1) {
      expect(isRemembered(secrets, id(n), mark(n))).toBe(true);
      expect(isRemembered(secrets, id(n), mark(n + 1))).toBe(false);
      expect(isRemembered(secrets, id(n), mark(n).slice(0, 31))).toBe(false);
      expect(isRemembered(secrets, id(n), `${mark(n)}x`)).toBe(false);
      expect(isRemembered(secrets, id(n), `${mark(n).slice(0, 31)}\u0141`)).toBe(false);
    }
    expect(has(secrets, id(50))).toBe(false);
    for (const odd of ['', '0', id(1).slice(1), `${id(1)}0`, id(1).replace('1', '\u0131')]) {
      expect([has(secrets, odd), isRemembered(secrets, odd, mark(1))]).toEqual([false, false]);
    }
    expect(() => secrets.remember('short', mark(1), HASH)).toThrow(RangeError);
    expect(() => secrets.remember(id(1), 'short', HASH)).toThrow(RangeError);
  });

  it('are of the hash that they were compared with alone', () => {
    const secrets = new VerifiedSecretCache(2);
    secrets.remember(id(1), mark(1), HASH);
    const slot = secrets.slotOf(id(1)) ?? -1;
    expect(secrets.isOfHash(slot, HASH)).toBe(true);
    expect(secrets.isOfHash(slot, `${HASH.slice(0, -1)}0`)).toBe(false);
    expect(secrets.isOfHash(slot, '')).toBe(false);
  });

  it('are what a map would hold, whatever is remembered and forgotten in which order', () => {
    const secrets = new VerifiedSecretCache(64);
    const model = new Map<string, string>();
    let seed = 7;
    const draw = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (seed >> 8) % below;
    };
    for (let step = 0; step < 50_000; step += 1) {
      const [key, value] = [id(draw(60)), mark(draw(65_536))];
      if (draw(2) === 0) {
        secrets.remember(key, value, HASH);
        model.set(key, value);
      } else {
        secrets.forget(key);
        model.delete(key);
      }
      const asked = id(draw(60));
      const kept = model.get(asked);
      expect(has(secrets, asked)).toBe(kept !== undefined);
      if (kept !== undefined) expect(isRemembered(secrets, asked, kept)).toBe(true);
    }
  });

  it('are never more than the limit; those that are asked for stay', () => {
    const secrets = new VerifiedSecretCache(100);
    secrets.remember(id(0), mark(0), HASH);
    for (let n = 1; n < 10_000; n += 1) {
      secrets.remember(id(n), mark(n), HASH);
      expect(isRemembered(secrets, id(0), mark(0))).toBe(true);
    }
    const kept = Array.from({ length: 10_000 }, (_, n) => isRemembered(secrets, id(n), mark(n)));
    expect(kept.filter(Boolean).length).toBe(100);
    expect(kept.at(-1)).toBe(true);
  });
});
