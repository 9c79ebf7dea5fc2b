import { describe, expect, it } from 'vitest';
import { parseStoreReference } from '../../../src/domain/text/store-reference.js';
import { failure } from '../../storage/fixtures.js';
import { FOREIGN_SPELLINGS, PASSWORD, PATHS } from '../../support/stores/store-spellings.js';

function parsed(text: string) {
  return parseStoreReference(text, 'the store');
}

describe('a reference to a store', () => {
  it.each(FOREIGN_SPELLINGS)('%j is refused, and not repeated', (text) => {
    let thrown: unknown;
    try {
      parsed(text);
    } catch (fault) {
      thrown = fault;
    }
    expect(thrown).toEqual(failure('usage'));
    expect(String(thrown) + JSON.stringify(thrown)).not.toContain(PASSWORD);
  });

  it.each(PATHS)('%j is a file', (path) => {
    expect(parsed(path)).toEqual({ kind: 'file', path });
    if (path.startsWith('//')) return;
    expect(parsed(`sqlite:${path}`)).toEqual({ kind: 'file', path });
    expect(parsed(`SQLite:${path}`)).toEqual({ kind: 'file', path });
  });

  it.each([
    'postgres://owner@db.example.org/team',
    'postgresql://owner:hunter2@db.example.org:5432/team?sslmode=require',
    'POSTGRES://owner@db.example.org/team',
    'PostgreSQL://owner@db.example.org/team',
    'postgres://',
    'postgres:///team?host=/run/postgresql',
    'postgres://owner:hun%20ter@[::1]/team',
    `postgres://owner:it's"a"password@db.example.org/team`,
  ])('%j is a database', (url) => {
    expect(parsed(url)).toEqual({ kind: 'database', url });
  });

  it.each(['postgres://owner@db.example.org/team', './credctl.db', '/srv/my team/credctl.db'])(
    'names the same with white space or a byte-order mark around it: %j',
    (text) => {
      for (const spelling of [
        `${text}\n`,
        `${text}\r\n`,
        ` ${text} `,
        `\t${text}`,
        `\ufeff${text}`,
        `${text}\u00a0`,
      ])
        expect(parsed(spelling)).toEqual(parsed(text));
    },
  );

  it.each(['', ' ', '\n', 'sqlite:', 'a\0b', 'postgres://owner@db/te\0am'])('%j names no store', (text) => {
    expect(() => parsed(text)).toThrow(failure('usage') as Error);
  });

  it.each(['st\ufffd.db', 'postgres://owner@db/te\ufffdm', 'half a pair \ud83d.db'])(
    '%j is not valid UTF-8',
    (text) => {
      expect(() => parsed(text)).toThrow(failure('usage', /^the store is not valid UTF-8$/) as Error);
    },
  );
});
