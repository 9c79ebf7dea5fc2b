import { describe, expect, it } from 'vitest';
import { NO_SELECTION } from '../../../../src/domain/scope/scope-selection.js';
import { accessPathOf } from '../../../../src/storage/sql/listing/access-path.js';
import { selectionsOf } from '../../../../src/storage/sql/listing/filter.js';
import { listQuery } from '../../../../src/storage/sql/listing/query.js';
import type { Listing } from '../../../../src/storage/sql/listing/terms.js';
import { START } from '../../../support/dependencies/fixed-clock.js';
import type { Engine } from '../../../support/stores/stores.js';
import { added, opened } from '../opened.js';

type Starts = Pick<Listing, 'labelStart' | 'scopeStarts'>;

/** The access path of a store with as many credentials, of which each has the label and the scope. */
function pathAmong(listing: Listing, engine: Engine, count: number): ReturnType<typeof accessPathOf> {
  return accessPathOf(
    {
      hasStaticPlanner: engine.name === 'sqlite',
      all: async () => [],
      tuples: async <Row>() => [[count]] as unknown as readonly Row[],
      run: async () => {},
    },
    listing,
  );
}

export function startsContract(engine: Engine): void {
  describe('the start of a label or a scope', () => {
    it.each<readonly [string, Starts, readonly string[]]>([
      ['the key of a label', { labelStart: { key: 'en', value: null } }, ['lower', 'mixed']],
      ['another case of the key', { labelStart: { key: 'EN', value: null } }, ['upper']],
      ['the value of a label', { labelStart: { key: 'env', value: 'pr' } }, ['lower']],
      ['another case of the value', { labelStart: { key: 'env', value: 'PR' } }, ['mixed']],
      ['marks of patterns', { labelStart: { key: 'env', value: '%' } }, []],
      ['quotation marks', { labelStart: { key: 'note', value: 'a "q' } }, ['lower']],
      ['a scope', { scopeStarts: ['data:u'] }, ['lower', 'upper']],
      ['another case of a scope', { scopeStarts: ['data:U', 'DATA:'] }, []],
    ])('%s is found by exact case, among few and many', async (_what, starts, expected) => {
      const fresh = await opened(engine);
      const { store } = fresh;
      const labelled = (name: string, labels: Readonly<Record<string, string>>, scope: string) =>
        added(store, { name, labels: new Map(Object.entries(labels)), scopes: [scope] });
      await labelled('lower', { env: 'prod', note: 'a "quoted" word' }, 'data:users');
      await labelled('upper', { ENV: 'prod' }, 'data:users');
      await labelled('mixed', { env: 'PROD', other: 'env' }, 'data:conversations');
      const listing: Listing = { now: START, sort: 'name', limit: 50, ...NO_SELECTION, ...starts };
      const paths = new Set<string>();
      for (const count of [1, 1_000_000]) {
        const path = await pathAmong(listing, engine, count);
        paths.add(JSON.stringify(path));
        const { text, parameters } = listQuery(listing, path);
        const rows = await fresh.ask<{ name_key: string }>(text, ...parameters);
        expect(rows.map((row) => row.name_key)).toEqual(expected);
      }
      expect(paths.size).toBe(engine.name === 'sqlite' || starts.scopeStarts !== undefined ? 2 : 1);
      expect(selectionsOf(listing)).toHaveLength(1);
      const { items } = await store.listCredentials({ now: START, sort: 'name', limit: 50, ...starts });
      expect(items.map(({ name }) => name)).toEqual(expected);
    });
  });
}
