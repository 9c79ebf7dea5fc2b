import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockScanner, type Located } from '../../../src/domain/scan/block-scanner.js';
import type { ByteSearch } from '../../../src/domain/scan/needle.js';
import { SecretSearch } from '../../../src/domain/scan/sightings.js';
import { composeSecret } from '../../../src/domain/secret/secret-format.js';

const search: ByteSearch = (bytes, needle, from) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(needle, from);

const base62 = (length: number) => fc.stringMatching(new RegExp(`^[0-9A-Za-z]{${length}}$`));
const prefix = fc.stringMatching(/^[a-z][a-z0-9]{1,11}$/);

/** A secret of some prefix. */
const secretOf = fc
  .tuple(prefix, fc.constantFrom('key', 'sec', 'tok'), base62(12), base62(43))
  .map(([start, kind, id, secret]) => ({ prefix: start, text: composeSecret(start, kind, id, secret) }));

/** What stands around a secret; what would be read as a part of its encoding is left to the cases below. */
const noise = fc.uint8Array({ maxLength: 200 });

/** Each encoding, with what it needs around it. */
const ENCODINGS: Readonly<Record<string, (secret: string, before: string) => string | Buffer>> = {
  text: (secret) => secret,
  'UTF-16, little-endian': (secret) => Buffer.from(secret, 'utf16le'),
  'UTF-16, big-endian': (secret) => Buffer.from(secret, 'utf16le').swap16(),
  base64: (secret, before) => Buffer.from(before + secret).toString('base64'),
  'base64 of more': (secret, before) => Buffer.from(`${before}${secret}\n${before}`).toString('base64'),
  'base64 of URLs': (secret, before) => Buffer.from(before + secret).toString('base64url'),
  Basic: (secret, before) =>
    `Basic ${Buffer.from(`${before}_id_0123456789abcdef:${secret}`).toString('base64')}`,
  'percent-encoded': (secret) => Buffer.from(secret, 'latin1').toString('hex').replace(/../g, '%$&'),
  'percent-encoded underscores': (secret) => secret.replaceAll('_', '%5F'),
};

function found(
  bytes: Uint8Array,
  prefixes: readonly string[],
  cuts: readonly number[] = [],
): readonly Located[] {
  const scanner = new BlockScanner(new SecretSearch(prefixes, search), search);
  const borders = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  return borders
    .slice(1)
    .flatMap((end, index) => scanner.push(bytes.subarray(borders[index], end), end === bytes.length));
}

const textOf = ({ secret: { prefix: start, kind, id, secret } }: Located) =>
  composeSecret(start, kind, id, secret);

describe('a secret in a text', () => {
  it.each(Object.keys(ENCODINGS))('as %s is found exactly once, wherever blocks cut it', (name) => {
    const encode = ENCODINGS[name] ?? String;
    fc.assert(
      fc.property(
        secretOf,
        fc.string({ maxLength: 5 }),
        noise,
        noise,
        fc.array(fc.nat(800), { maxLength: 40 }),
        ({ prefix: start, text }, before, head, tail, cuts) => {
          const encoded = Buffer.from(encode(text, before));
          const bytes = Buffer.concat([head, Buffer.from('\n='), encoded, Buffer.from('\n='), tail]);
          const inside = cuts.filter((cut) => cut <= bytes.length);
          expect(found(bytes, [start], inside).map(textOf)).toEqual([text]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is found one byte at a time', () => {
    fc.assert(
      fc.property(secretOf, noise, ({ prefix: start, text }, head) => {
        const bytes = Buffer.concat([head, Buffer.from(text)]);
        const cuts = [...bytes.keys()];
        expect(found(bytes, [start], cuts).map(textOf)).toEqual([text]);
      }),
      { numRuns: 20 },
    );
  });

  it('is not there with another checksum, in no encoding', () => {
    fc.assert(
      fc.property(
        secretOf,
        fc.nat(60),
        fc.constantFrom(...Object.values(ENCODINGS)),
        (secret, place, encode) => {
          const at = secret.text.length - 1 - place;
          const other = secret.text[at] === '0' ? '1' : '0';
          const damaged = `${secret.text.slice(0, at)}${other}${secret.text.slice(at + 1)}`;
          expect(found(Buffer.from(encode(damaged, 'x')), [secret.prefix])).toEqual([]);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('is not there in any other text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('cctl_', 'cctl_key_', 'cctl%5F', 'Y2N0bF', '_', '%', '\0', 'a0', '\n')),
        fc.array(fc.nat(100)),
        (parts, cuts) => {
          const bytes = Buffer.from(parts.join(''));
          expect(
            found(
              bytes,
              ['cctl'],
              cuts.filter((cut) => cut <= bytes.length),
            ),
          ).toEqual([]);
        },
      ),
    );
  });

  it('is told from one of a longer prefix', () => {
    const bytes = Buffer.from(composeSecret('xcctl', 'key', '0'.repeat(12), 'a'.repeat(43)));
    expect(found(bytes, ['cctl'])).toEqual([]);
    expect(found(bytes, ['cctl', 'xcctl']).map(({ secret }) => secret.prefix)).toEqual(['xcctl']);
  });
});
