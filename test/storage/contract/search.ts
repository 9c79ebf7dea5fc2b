import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { START } from '../../support/dependencies/fixed-clock.js';
import type { Engine, TestStore } from '../../support/stores/stores.js';
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
      ['finds nothing with a character that no text has', 'lett\0er', []],
    ])('%s', async (_what, search, expected) => {
      const { items } = await fresh.store.listCredentials({ now: START, sort: 'name', limit: 50, search });
      expect(items.map(({ name }) => name)).toEqual([...expected].sort());
    });

    it('finds texts that were changed as they are now, and deleted ones no more', async () => {
      const { store } = fresh;
      const { id } = await added(store, { name: 'to-be-renamed', description: 'first words' });
      const found = async (search: string) =>
        (await store.listCredentials({ now: START, sort: 'name', limit: 50, search })).items.map(
          ({ name }) => name,
        );
      expect(await found('rst wor')).toEqual(['to-be-renamed']);
      await store.write((tx) => tx.updateCredential(id, { description: 'other things' }));
      expect(await found('rst wor')).toEqual([]);
      expect(await found('er thing')).toEqual(['to-be-renamed']);
      await store.write((tx) => tx.updateCredential(id, { name: 'with-another-name', revision: 2 }));
      expect(await found('be-renamed')).toEqual([]);
      expect(await found('another-name')).toEqual(['with-another-name']);
      await store.write((tx) => tx.updateCredential(id, { description: null }));
      expect(await found('er thing')).toEqual([]);
      await store.write((tx) => tx.deleteCredential(id, START));
      expect(await found('another-name')).toEqual([]);
    });

    it('finds nothing by a name, an id or a secret that no store can hold', async () => {
      const { store } = fresh;
      for (const text of ['letter\0', '\0', 'lett\ud800er']) {
        expect(await store.findCredential(text)).toBeNull();
        expect(await store.findOwner(text)).toBeNull();
        expect(await store.findComparable(text)).toBeNull();
        expect(await store.findPresentedToken(text)).toBeNull();
        expect(await store.credentialNames(text, 10)).toEqual([]);
        expect((await store.listAudit({ target: text, limit: 10 })).items).toEqual([]);
      }
    });

    it('shows names in the order of their bytes, whatever the language of the machine', async () => {
      const names = ['a-b', 'a.b', 'a/b', 'a0', 'a_b', 'aA', 'ab', 'aC', 'Zz'];
      const ordered = await engine.create();
      try {
        for (const name of [...names].reverse()) await added(ordered.store, { name });
        const { items } = await ordered.store.listCredentials({ now: START, sort: 'name', limit: 50 });
        expect(items.map(({ name }) => name)).toEqual(
          names.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
        );
        expect(await ordered.store.credentialNames('A', 50)).toEqual(
          items.slice(0, 8).map(({ name }) => name),
        );
      } finally {
        await ordered.dispose();
      }
    });
  });
}
