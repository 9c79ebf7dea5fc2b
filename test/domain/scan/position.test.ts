import { describe, expect, it } from 'vitest';
import { BlockScanner } from '../../../src/domain/scan/block-scanner.js';
import type { ByteSearch } from '../../../src/domain/scan/needle.js';
import { SecretSearch } from '../../../src/domain/scan/sightings.js';
import { composeSecret } from '../../../src/domain/secret/secret-format.js';

const search: ByteSearch = (bytes, needle, from) => Buffer.from(bytes).indexOf(needle, from);
const SECRET = composeSecret('cctl', 'key', '0'.repeat(12), 'a'.repeat(43));

/** Where secrets are found in a text that is read in blocks of that size. */
function places(text: string | Buffer, size: number): readonly string[] {
  const bytes = Buffer.from(text);
  const scanner = new BlockScanner(new SecretSearch(['cctl'], search), search);
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const block = bytes.subarray(at, at + size);
    found.push(...scanner.push(block).map(({ line, column }) => `${line}:${column}`));
  }
  return found;
}

describe('the place of a secret', () => {
  it.each([1, 7, 64, 1_000, 4_096, 100_000])('is the same in blocks of %d bytes', (size) => {
    const lines = Array.from({ length: 60 }, (_, index) => `${'x'.repeat(index)}${SECRET}${SECRET}`);
    const expected = lines.flatMap((_, index) => [
      `${index + 1}:${index + 1}`,
      `${index + 1}:${index + 1 + SECRET.length}`,
    ]);
    expect(places(lines.join('\n'), size)).toEqual(expected);
  });

  it('counts UTF-16 code units', () => {
    expect(places(`\näö🔑${SECRET}`, 10_000)).toEqual(['2:5']);
    expect(places(Buffer.from(`a\n🔑 ${SECRET}`, 'utf16le'), 10_000)).toEqual(['2:4']);
  });

  it('is right behind a line that is longer than a block', () => {
    expect(places(`\n${'x'.repeat(5_000)}${SECRET}`, 1_000)).toEqual(['2:5001']);
  });
});
