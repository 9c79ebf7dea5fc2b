import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { START } from '../../support/fixed-clock.js';
import type { Engine, TestStore } from '../../support/stores.js';
import { added } from './opened.js';

const DESCRIPTIONS = {
  percent: 'saves 100% of the time',
  plain: 'saves 100 of the time',
  under: 'reads a_b',
  letter: 'reads acb',
  slash: 'path C:\\temp',
  umlaut: 'Ärger im Büro',
  upper: 'NIGHTLY JOB',
  quote: `it's "quoted"`,
  lines: 'first line\nsecond line',
} as const;

export function searchContract(engine: Engine): void {
  describe('searching', () => {
    let fresh: TestStore;

    beforeAll(async () => {
      fresh = await engine.create();
      for (const [name, description] of Object.entries(DESCRIPTIONS)) {
        await added(fresh.store, { name, description });
      }
      await added(fresh.store, { name: 'without' });
    });
    afterAll(() => fresh.dispose());

    it.each<readonly [string, string, readonly string[]]>([
      ['takes % literally', '100%', ['percent']],
      ['takes a lone % literally', '%', ['percent']],
      ['takes _ literally', 'a_b', ['under']],
      ['takes \\ literally', 'C:\\temp', ['slash']],
      ['takes a lone \\ literally', '\\', ['slash']],
      ['takes quotes literally', `'s "q`, ['quote']],
      ['ignores case in descriptions', 'nightly', ['upper']],
      ['ignores the case of what is searched', 'SAVES', ['percent', 'plain']],
      ['looks in names', 'lett', ['letter']],
      ['ignores case in names', 'UMLAUT', ['umlaut']],
      ['looks at every line', 'second', ['lines']],
      ['looks across the end of a line', 'line\nsecond', ['lines']],
      ['finds text beyond ASCII as it stands there', 'Büro', ['umlaut']],
      ['finds capitals beyond ASCII as they stand there', 'Ärger', ['umlaut']],
      ['ignores case beyond ASCII too', 'ärger', ['umlaut']],
      ['finds nothing where there is nothing', 'zzz', []],
    ])('%s', async (_what, search, expected) => {
      const { items } = await fresh.store.listCredentials({ now: START, sort: 'name', limit: 50, search });
      expect(items.map(({ name }) => name)).toEqual([...expected].sort());
    });
  });
}
