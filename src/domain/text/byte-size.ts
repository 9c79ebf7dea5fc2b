import { counted } from './counted.js';

/** IEC 80000-13. */
const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A size for people: `512 bytes`, `96 KiB`, `1.4 MiB`; one digit after the point below ten. */
export function byteSize(bytes: number): string {
  if (bytes < 1_024) return counted(bytes, 'byte');
  let size = bytes / 1_024;
  let unit = 0;
  // What rounds up to 1024 is one of the next unit.
  while (size >= 1_023.5 && unit < UNITS.length - 1) {
    size /= 1_024;
    unit += 1;
  }
  const digits = size < 9.95 && !Number.isInteger(size) ? 1 : 0;
  return `${Number(size.toFixed(digits))} ${UNITS[unit]}`;
}
