import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CredctlError } from '../../../src/domain/errors.js';
import { crc32 } from '../../../src/domain/secret/crc32.js';
import {
  clientIdOf,
  composeSecret,
  drawBase62,
  drawSecret,
  encodeBase62,
  handleOf,
  isClientIdShape,
  isPrefix,
  isSecretShape,
  maskSecrets,
  parsePrefix,
  parseSecret,
  type RandomBytes,
  type SecretKind,
} from '../../../src/domain/secret/secret-format.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const VECTOR = 'cctl_key_0123456789AB003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3G6fTG';
const VECTOR_BYTES = Uint8Array.from({ length: 32 }, (_, index) => index);

const base62 = (length: number) =>
  fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: length, maxLength: length });
const prefix = fc.stringMatching(/^[a-z][a-z0-9]{1,11}$/);
const kind = fc.constantFrom<SecretKind>('key', 'sec', 'tok');
const secret = fc
  .tuple(prefix, kind, base62(12), fc.uint8Array({ minLength: 32, maxLength: 32 }))
  .map(([p, k, id, bytes]) =>
    composeSecret(
      p,
      k,
      id,
      drawSecret(() => bytes),
    ),
  );

/** A deterministic generator (mulberry32), one byte a step. */
function seededBytes(seed: number): RandomBytes {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 24) & 0xff;
  };
  return (length) => Uint8Array.from({ length }, next);
}

describe('crc32', () => {
  it('is the CRC-32 of zlib', () => {
    expect(crc32('123456789')).toBe(0xcbf43926);
    const ascii = fc.string({ unit: 'grapheme-ascii' });
    fc.assert(fc.property(ascii, (text) => crc32(text) === zlibCrc32(text)));
  });
});

describe('base62', () => {
  it('writes bytes as one big-endian number, padded on the left with 0', () => {
    expect(encodeBase62(Uint8Array.of(0, 0), 3)).toBe('000');
    expect(encodeBase62(Uint8Array.of(61), 2)).toBe('0z');
    expect(encodeBase62(Uint8Array.of(62), 2)).toBe('10');
    expect(encodeBase62(Uint8Array.of(1, 0), 3)).toBe('048');
  });

  it('writes the number that the bytes are, however many there are', () => {
    const numberIn = (text: string) =>
      [...text].reduce((number, digit) => number * 62n + BigInt(ALPHABET.indexOf(digit)), 0n);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = encodeBase62(bytes, 60);
        expect(text).toHaveLength(60);
        expect(numberIn(text)).toBe(BigInt(`0x0${Buffer.from(bytes).toString('hex')}`));
        const digits = text.replace(/^0+/, '');
        expect(encodeBase62(bytes, digits.length)).toBe(digits);
        if (digits !== '') expect(() => encodeBase62(bytes, digits.length - 1)).toThrow(RangeError);
      }),
    );
  });

  it('needs 43 characters for the largest secret, and refuses to cut a number off', () => {
    const largest = new Uint8Array(32).fill(255);
    expect(encodeBase62(largest, 43)).toHaveLength(43);
    expect(() => encodeBase62(largest, 42)).toThrow(RangeError);
  });

  it('keeps the order of numbers, so that no two secrets share an encoding', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(encodeBase62(a, 43) < encodeBase62(b, 43)).toBe(hex(a) < hex(b));
      }),
    );
  });

  it('draws every character equally often when every byte is equally likely', () => {
    let next = 0;
    const everyByteInTurn: RandomBytes = (length) => Uint8Array.from({ length }, () => next++ % 256);
    const counts = count(drawBase62(everyByteInTurn, 62 * 4 * 5));
    expect(counts).toEqual(Array.from({ length: 62 }, () => 20));
  });

  it('draws without bias: chi-square of 124,000 characters stays below the 99.9 % bound', () => {
    const counts = count(drawBase62(seededBytes(7), 62 * 2_000));
    const chiSquare = counts.reduce((sum, n) => sum + (n - 2_000) ** 2 / 2_000, 0);
    expect(chiSquare).toBeLessThan(100.9);
  });

  it('refuses a generator that gives fewer bytes than asked for', () => {
    const short: RandomBytes = (length) => new Uint8Array(length - 1);
    expect(() => drawSecret(short)).toThrow(RangeError);
    expect(() => drawBase62(short, 12)).toThrow(RangeError);
  });
});

describe('a secret', () => {
  it('has the documented test vector', () => {
    const characters = drawSecret((length) => VECTOR_BYTES.slice(0, length));
    expect(composeSecret('cctl', 'key', '0123456789AB', characters)).toBe(VECTOR);
  });

  it('is taken apart into what it was composed of', () => {
    fc.assert(
      fc.property(prefix, kind, base62(12), base62(43), (p, k, id, characters) => {
        const handle = handleOf(p, k, id);
        const text = composeSecret(p, k, id, characters);
        expect(parseSecret(text)).toEqual({ prefix: p, kind: k, id, secret: characters, handle });
        expect(text).toMatch(/^[a-z0-9]+_[a-z]+_[0-9A-Za-z]{61}$/);
        expect(isSecretShape(text)).toBe(true);
      }),
    );
  });

  it('is malformed after any change of a single character', () => {
    for (let position = 0; position < VECTOR.length; position += 1) {
      for (const character of `${ALPHABET}_-. \n\u0000é０`) {
        const changed = VECTOR.slice(0, position) + character + VECTOR.slice(position + 1);
        if (changed !== VECTOR) expect(parseSecret(changed), changed).toBeNull();
      }
    }
  });

  it('is malformed when two neighbours are swapped, a character is missing or one is added', () => {
    fc.assert(
      fc.property(secret, fc.nat(), fc.constantFrom(...ALPHABET), (text, at, extra) => {
        const i = at % (text.length - 1);
        const swapped = `${text.slice(0, i)}${text.charAt(i + 1)}${text.charAt(i)}${text.slice(i + 2)}`;
        if (swapped !== text) expect(parseSecret(swapped)).toBeNull();
        expect(parseSecret(text.slice(0, i) + text.slice(i + 1))).toBeNull();
        expect(parseSecret(text.slice(0, i) + extra + text.slice(i))).toBeNull();
      }),
    );
  });

  it.each([
    '',
    'cctl',
    '_key_',
    VECTOR.slice(0, -1),
    `${VECTOR}\n`,
    ` ${VECTOR}`,
    `Bearer ${VECTOR}`,
    VECTOR + VECTOR,
    VECTOR.toUpperCase(),
    VECTOR.replace('_key_', '_id_'),
    VECTOR.replace('cctl', 'c'),
    VECTOR.replace('cctl', 'abcdefghijklm'),
  ])('is malformed as %j', (text) => {
    expect(parseSecret(text)).toBeNull();
  });

  it('is never found in arbitrary text, and arbitrary text never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parseSecret(text) === null));
  });
});

describe('shapes', () => {
  it('a client id is <prefix>_id_<16 base62>', () => {
    expect(clientIdOf('cctl', '0123456789abcdEF')).toBe('cctl_id_0123456789abcdEF');
    fc.assert(fc.property(prefix, base62(16), (p, id) => isClientIdShape(clientIdOf(p, id))));
    expect(isClientIdShape('cctl_id_0123456789abcdE')).toBe(false);
    expect(isClientIdShape('cctl_id_0123456789abcdEF\n')).toBe(false);
    expect(isClientIdShape(VECTOR)).toBe(false);
  });

  it('a secret with a wrong CRC still has the shape of a secret', () => {
    const mistyped = `${VECTOR.slice(0, -1)}0`;
    expect(parseSecret(mistyped)).toBeNull();
    expect(isSecretShape(mistyped)).toBe(true);
    expect(isSecretShape('cctl_key_0123456789AB')).toBe(false);
  });

  it('a prefix is 2 to 12 lower-case letters and digits, a letter first', () => {
    for (const good of ['ab', 'cctl', 'a1', 'abcdefghijkl']) {
      expect(parsePrefix(good)).toBe(good);
      expect(isPrefix(good)).toBe(true);
    }
    for (const bad of ['', 'a', '1a', 'Cctl', 'a_b', 'a-b', 'abcdefghijklm', 'ab\n', 'é1']) {
      expect(isPrefix(bad)).toBe(false);
      expect(() => parsePrefix(bad)).toThrow(CredctlError);
    }
  });
});

describe('maskSecrets', () => {
  it('keeps the handle and nothing after it', () => {
    expect(maskSecrets(VECTOR)).toBe('cctl_key_0123456789AB…');
    expect(maskSecrets(`a ${VECTOR}, b "${VECTOR}"!`)).toBe(
      'a cctl_key_0123456789AB…, b "cctl_key_0123456789AB…"!',
    );
  });

  it('leaves no 16 characters of a secret, wherever it stands and however it is damaged', () => {
    const separator = fc.constantFrom('', ' ', '=', '/', '\n', '"', 'x', 'CLIENT_');
    fc.assert(
      fc.property(secret, separator, fc.nat(60), fc.boolean(), (text, before, cut, upper) => {
        const damaged = text.slice(0, text.length - cut);
        const shown = maskSecrets(before + (upper ? damaged.toUpperCase() : damaged));
        const start = text.lastIndexOf('_') + 13;
        const leaked = text.slice(start, start + 16);
        expect(shown).not.toContain(upper ? leaked.toUpperCase() : leaked);
      }),
    );
  });

  it('leaves handles, client ids, names and hashes as they are', () => {
    for (const text of [
      'cctl_key_0123456789AB',
      'cctl_id_0123456789abcdEF',
      'my_key_rotation/prod',
      '0'.repeat(64),
    ]) {
      expect(maskSecrets(text)).toBe(text);
    }
  });
});

function count(text: string): number[] {
  return [...ALPHABET].map((character) => text.split(character).length - 1);
}
