import { describe, expect, it } from 'vitest';
import { GatheredUses } from '../../../src/usecases/serving/gathered-uses.js';

const id = (n: number): string => String(n).padStart(12, '0');

describe('gathered uses', () => {
  it('are the first and the last of each version and from where that came, in the order in which they were noted first', () => {
    const uses = new GatheredUses();
    uses.note(id(2), 20, 20, '192.0.2.1');
    uses.note(id(1), 30, 30, null);
    uses.note(id(2), 40, 40, '192.0.2.2');
    uses.note(id(2), 10, 10, '192.0.2.3');
    uses.note(id(2), 15, 25, '192.0.2.4');
    expect(uses.between(0, 9)).toEqual([
      { versionId: id(2), first: 10, last: 40, from: '192.0.2.2' },
      { versionId: id(1), first: 30, last: 30, from: null },
    ]);
    expect(uses.between(1, 2)).toEqual([{ versionId: id(1), first: 30, last: 30, from: null }]);
    expect(uses.between(2, 9)).toEqual([]);
    for (const odd of ['', id(1).slice(1), `${id(1)}0`])
      expect(() => uses.note(odd, 1, 1, null)).toThrow(RangeError);
    expect(uses.size).toBe(2);
  });

  it('are what a map would hold, while their room grows and each time that it was cleared', () => {
    const uses = new GatheredUses();
    for (const versions of [0, 1, 1_024, 1_025, 131_073, 500]) {
      const model = new Map<string, { first: number; last: number }>();
      for (let step = 0; step < versions + 100; step += 1) {
        const versionId = id((step * 7_919) % versions);
        uses.note(versionId, step, step, `${step}`);
        model.set(versionId, { first: model.get(versionId)?.first ?? step, last: step });
      }
      expect(uses.size).toBe(model.size);
      const different = uses.between(0, uses.size).filter(({ versionId, first, last, from }) => {
        const use = model.get(versionId);
        return use?.first !== first || use.last !== last || from !== `${last}`;
      });
      expect(different).toEqual([]);
      uses.clear();
      expect([uses.size, uses.between(0, 1)]).toEqual([0, []]);
    }
  });
});
