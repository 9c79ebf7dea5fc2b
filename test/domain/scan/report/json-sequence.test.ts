import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonSequence } from '../../../../src/domain/scan/report/json-sequence.js';
import { textsIn } from '../../../../src/domain/scan/report/json-values.js';

const document = fc.json({ maxDepth: 4 });
const gap = fc.stringMatching(/^[ \t\r\n]{1,3}$/);

describe('documents of JSON', () => {
  it('are read one after the other, however they are apart', () => {
    fc.assert(
      fc.property(fc.array(document, { minLength: 1, maxLength: 5 }), gap, (documents, between) => {
        const read = jsonSequence(between + documents.join(between) + between);
        expect(read).toEqual({ documents: documents.map((each) => JSON.parse(each)), broken: null });
      }),
    );
  });

  it('need nothing between them where one ends by itself', () => {
    expect(jsonSequence('[1]{"a":2}[]').documents).toEqual([[1], { a: 2 }, []]);
  });

  it('that are cut off anywhere break there, at the end', () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 4 }).filter((text) => /^[[{]/.test(text)),
        fc.nat(),
        (text, at) => {
          const cut = text.slice(0, 1 + (at % Math.max(text.length - 1, 1)));
          if (cut === text) return;
          const lines = cut.split('\n').length;
          expect(jsonSequence(cut).broken).toEqual({ line: lines, atEnd: true });
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['[\n{"a": 1}\n{"b": 2}]', 3],
    ['{"a":\n\n tru }', 3],
    ['{"a": "x\ny"}', 1],
    ['[1]\n[2]\nthird', 3],
    ["{'a': 1}", 1],
    ['[01]', 1],
    ['[1,]', 1],
    ['{"a" 1}', 1],
    ['{"a": 1,}', 1],
    ['["\\x"]', 1],
    ['[1}', 1],
  ])('that are wrong break where they are: %j', (text, line) => {
    expect(jsonSequence(text).broken).toEqual({ line, atEnd: false });
  });

  it('may be nested deeper than any stack', () => {
    const depth = 200_000;
    const nested = `${'['.repeat(depth)}"x"${']'.repeat(depth)}`;
    const { documents, broken } = jsonSequence(`${nested}\n${nested}`);
    expect(broken).toBeNull();
    expect(documents.flatMap((each) => textsIn(each))).toEqual(['x', 'x']);
    expect(jsonSequence('['.repeat(depth)).broken).toEqual({ line: 1, atEnd: true });
  });

  it('give all their texts, in order', () => {
    expect(textsIn({ a: ['b', { c: 'd' }, 1, null], e: 'f' })).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});
