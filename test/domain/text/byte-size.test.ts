import { expect, it } from 'vitest';
import { byteSize } from '../../../src/domain/text/byte-size.js';

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1_023, '1023 bytes'],
  [1_024, '1 KiB'],
  [98_304, '96 KiB'],
  [1_536, '1.5 KiB'],
  [10_200, '10 KiB'],
  [1_048_575, '1 MiB'],
  [1_500_000, '1.4 MiB'],
  [3 * 2 ** 30, '3 GiB'],
  [5_000 * 2 ** 40, '4.9 PiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(byteSize(bytes)).toBe(text);
});
