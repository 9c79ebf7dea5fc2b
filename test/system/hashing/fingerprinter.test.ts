import { createHmac, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { fingerprinter, fingerprinterWith } from '../../../src/system/hashing/fingerprinter.js';

it('marks with HMAC-SHA-256: the first test case of RFC 4231', () => {
  const mark = fingerprinterWith(Buffer.alloc(20, 0x0b)).fingerprint('Hi There');
  expect(Buffer.from(mark, 'latin1').toString('hex')).toBe(
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  );
});

it('marks texts of every length and alphabet as Node does', () => {
  const key = randomBytes(32);
  const { fingerprint: mark } = fingerprinterWith(key);
  const texts = [
    '',
    'a',
    '\u0141',
    '\u{1f511}'.repeat(40),
    ...[1, 55, 56, 64, 128, 129, 5_000].map((n) => 'k\u00e9'.repeat(n)),
  ];
  for (const text of [...texts, ...texts]) {
    expect(mark(text)).toBe(createHmac('sha256', key).update(text).digest('binary'));
  }
});

it('marks the same text differently in every process', () => {
  expect(fingerprinter().fingerprint('secret')).not.toBe(fingerprinter().fingerprint('secret'));
});
