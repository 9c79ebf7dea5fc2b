import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelsFrom, labelsLine } from '../../../src/cli/prompts/answer-checks.js';

describe('labels in one line', () => {
  it('are read as people write them', () => {
    expect([...labelsFrom(' env=prod ,team=x,  empty= ')]).toEqual([
      ['env', 'prod'],
      ['team', 'x'],
      ['empty', ''],
    ]);
    expect(labelsFrom('').size).toBe(0);
    expect(labelsFrom(' , ').size).toBe(0);
  });

  it('come back as they were, whatever is in their values', () => {
    const value = fc.string({ unit: fc.constantFrom('a', ',', '\\', ' ', '=', 'ä'), maxLength: 6 });
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('env', 'team', 'a/b'), value), (labels) => {
        const map = new Map(Object.entries(labels));
        expect(new Map(labelsFrom(labelsLine(map)))).toEqual(map);
      }),
    );
  });

  it.each([
    ['env', /has no '='/],
    ['env=a, env=b', /"env" is given twice/],
    ['a b=c', /contains " "/],
  ])('are refused: %j', (line, message) => {
    expect(() => labelsFrom(line)).toThrow(message);
  });
});
