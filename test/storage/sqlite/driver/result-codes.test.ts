import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resultCode } from '../../../../src/storage/sqlite/driver/result-codes.js';
import { PROJECT } from '../../../support/program/real-program.js';

/** As better-sqlite3 brings it along, which need not be there with `TEST_SQLITE=node`. */
const HEADER = join(PROJECT, 'node_modules', 'better-sqlite3', 'deps', 'sqlite3', 'sqlite3.h');

/** Every result code that SQLite's header defines. */
function codesOfHeader(): readonly (readonly [name: string, number: number])[] {
  const header = readFileSync(HEADER, 'utf8');
  const [, codes = ''] = /Result Codes\n([\s\S]*?)CAPI3REF: Flags For File Open/.exec(header) ?? [];
  const found: (readonly [string, number])[] = [];
  const numbers = new Map<string, number>();
  for (const [, name = '', value = ''] of codes.matchAll(/^#define (SQLITE_\w+)\s+(\d+|\(.*?\)\))/gm)) {
    const [, primary = '', extension = '0'] = /^\((SQLITE_\w+) *\| *\((\d+)<<8\)\)$/.exec(value) ?? [];
    const number =
      primary === '' ? Number(value) : (numbers.get(primary) ?? Number.NaN) | (Number(extension) << 8);
    numbers.set(name, number);
    found.push([name, number]);
  }
  return found;
}

it.skipIf(!existsSync(HEADER))('names every code as the header of SQLite does', () => {
  // OK_LOAD_PERMANENTLY, NOTICE_… and WARNING_… are for logs; ROW and DONE are no faults.
  const faults = codesOfHeader().filter(
    ([name]) => !/^SQLITE_(?:(?:OK|NOTICE|WARNING)_|ROW$|DONE$|AUTH_)/.test(name),
  );
  expect(faults.length).toBeGreaterThan(90);
  expect(faults.map(([, number]) => resultCode(number))).toEqual(faults.map(([name]) => name));
});

it('gives the number of a code that it does not know', () => {
  expect(resultCode(77)).toBe('SQLITE_77');
  expect(resultCode(5 | (99 << 8))).toBe('SQLITE_BUSY');
});
