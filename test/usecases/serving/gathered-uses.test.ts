import { describe, expect, it } from 'vitest';
import { GatheredUses } from '../../../src/usecases/serving/gathered-uses.js';

const id = (n: number): string => String(n).padStart(12, '0');

describe('gathered uses', () => {
  it('are the first and the last of each version, in the order in which they were noted first', () => {
    const uses = new GatheredUses();
    uses.note(id(2), 20, 20);
    uses.note(id(1), 30, 30);
    uses.note(id(2), 40, 40);
    uses.note(id(2), 10, 10);
    uses.note(id(2), 15, 25);
    expect(uses.between(0, 9)).toEqual([
      { versionId: id(2), first: 10, last: 40 },
      { versionId: id(1), first: 30, last: 30 },
    ]);
    expect(uses.between(1, 2)).toEqual([{ versionId: id(1), first: 30, last: 30 }]);
    expect(uses.between(2, 9)).toEqual([]);
    for (const odd of ['', id(1).slice(1), `${id(1)}0`])
      expect(() => uses.note(odd, 1, 1)).toThrow(RangeError);
    expect(uses.size).toBe(2);
  });

  it('are what a map would hold, while their room grows and each time that it was cleared', () => {
    const uses = new GatheredUses();
    for (const versions of [0, 1, 1_024, 1_025, 131_073, 500]) {
      const model = new Map<string, { first: number; last: number }>();
      for (let step = 0; step < versions + 100; step += 1) {
        const versionId = id((step * 7_919) % versions);
        uses.note(versionId, step, step);
        model.set(versionId, { first: model.get(versionId)?.first ?? step, last: step });
      }
      expect(uses.size).toBe(model.size);
      const different = uses.between(0, uses.size).filter(({ versionId, first, last }) => {
        const use = model.get(versionId);
        return use?.first !== first || use.last !== last;
      });
      expect(different).toEqual([]);
      uses.clear();
      expect([uses.size, uses.between(0, 1)]).toEqual([0, []]);
    }
  });
});
