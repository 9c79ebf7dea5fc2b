import { describe, expect, it } from 'vitest';
import { fitted } from '../../../src/cli/prompts/window.js';

const REMARKS = { facts: [], hints: ['up/down: move, enter: choose', 'typing searches names and more'] };

/** Rows that are drawn at most. */
function drawn(listed: number, rows: number, columns: number, facts: readonly string[] = []): number {
  const { pageSize, below } = fitted('? Bot x', listed, { ...REMARKS, facts }, { rows, columns });
  return 1 + Math.min(pageSize, listed) + below.length;
}

describe('a list in a window', () => {
  it('has all hints where there is room', () => {
    expect(fitted('? Bot', 3, REMARKS, { rows: 24, columns: 80 }).below).toEqual(['', ...REMARKS.hints]);
    expect(fitted('? Bot', 60, REMARKS, { rows: 24, columns: 80 })).toMatchObject({ pageSize: 20 });
  });

  it('leaves out hints first, the last one before the others', () => {
    expect(fitted('? Bot', 5, REMARKS, { rows: 8, columns: 80 })).toEqual({
      pageSize: 5,
      below: ['', REMARKS.hints[0]],
    });
    expect(fitted('? Bot', 5, REMARKS, { rows: 7, columns: 80 })).toEqual({ pageSize: 6, below: [] });
  });

  it('then rows, but never the last one, nor a fact that fits', () => {
    expect(fitted('? Bot', 9, REMARKS, { rows: 4, columns: 30 })).toEqual({ pageSize: 3, below: [] });
    const facts = ['> nothing matches'];
    expect(fitted('? Bot', 9, { ...REMARKS, facts }, { rows: 3, columns: 30 })).toEqual({
      pageSize: 1,
      below: facts,
    });
    expect(fitted('? Bot', 9, { ...REMARKS, facts }, { rows: 1, columns: 30 })).toEqual({
      pageSize: 1,
      below: [],
    });
  });

  it.each([
    [8, 20],
    [4, 30],
    [6, 40],
    [2, 20],
    [3, 200],
    [24, 80],
  ])('never takes more than %i rows of %i columns', (rows, columns) => {
    for (const listed of [0, 1, 2, 5, 6, 15, 60]) {
      expect(drawn(listed, rows, columns)).toBeLessThanOrEqual(rows);
      expect(drawn(listed, rows, columns, ['> a fact that is longer than a narrow row'])).toBeLessThanOrEqual(
        rows,
      );
    }
  });

  it('counts the rows of a question that wraps, and the one of the cursor after a full row', () => {
    const pageOf = (question: string) =>
      fitted(question, 9, { facts: [], hints: [] }, { rows: 8, columns: 20 });
    expect(pageOf('? a\n  b').pageSize).toBe(6);
    expect(pageOf('x'.repeat(19)).pageSize).toBe(7);
    expect(pageOf('x'.repeat(20)).pageSize).toBe(6);
    expect(pageOf(`\u001b[1m${'x'.repeat(19)}\u001b[22m`).pageSize).toBe(7);
  });
});
