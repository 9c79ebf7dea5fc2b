import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { type Column, NEVER_CUT } from '../../../src/cli/render/cells/column.js';
import { scopesCell } from '../../../src/cli/render/cells/scopes.js';
import { renderTable, tableInParts } from '../../../src/cli/render/table.js';
import type { Api, Catalog } from '../../../src/domain/scope/catalog.js';

/** The APIs of these scopes. */
const CATALOG: Catalog = {
  name: 'two',
  resources: [],
  apis: [api('data', 5), api('events', 2)],
};

const PLAIN = new Chalk({ level: 0 });

const COLUMNS: readonly Column[] = [
  { title: 'NAME', importance: 0, least: 4 },
  { title: 'STATE', importance: 1, least: NEVER_CUT },
  { title: 'NOTE', importance: 2, least: 6 },
];

function api(id: string, permissions: number): Api {
  const of = Array.from({ length: permissions }, (_, n) => ({ id: `p${n}`, title: '', description: null }));
  return { id, title: id, types: ['oauth2'], resource: 'none', accessTokenTtl: 60, permissions: of };
}

describe('a table', () => {
  it('drops what it cannot show in full, and cuts what may be cut', () => {
    const rows = [['a-long-name', 'owner_inactive', 'what is said']];
    expect(renderTable(COLUMNS, rows, 43, PLAIN).split('\n')[1]).toBe(
      'a-long-name  owner_inactive  what is said',
    );
    expect(renderTable(COLUMNS, rows, 36, PLAIN).split('\n')[1]).toBe('a-long…  owner_inactive  what is …');
    expect(renderTable(COLUMNS, rows, 24, PLAIN).split('\n')[1]).toBe('a-lon…  owner_inactive');
  });

  it('cuts names in their middle, so that their ends tell them apart', () => {
    const columns = [{ title: 'NAME', importance: 0, least: 4, isName: true }] as const;
    const rows = [['a-long-name/of-prod'], ['a-long-name/of-test']];
    expect(renderTable(columns, rows, 14, PLAIN)).toBe('NAME\na-l…/of-prod\na-l…/of-test\n');
  });

  it('needs no more room for a column than its cells take', () => {
    expect(renderTable(COLUMNS, [['a', 'on', 'b']], 19, PLAIN)).toBe('NAME  STATE  NOTE\na     on     b\n');
  });

  it('in parts has its header once, and goes on in the same columns', () => {
    const table = tableInParts(COLUMNS, 60, PLAIN);
    expect(table([['one', 'active', 'first']])).toBe('NAME  STATE   NOTE\none   active  first\n');
    expect(table([['2', 'on', 'x']])).toBe('2     on      x\n');
    expect(table([['a-longer-one', 'on', 'x']])).toBe('a-longer-one  on      x\n');
  });

  it('in parts repeats its header where a column had to go', () => {
    const table = tableInParts(COLUMNS, 24, PLAIN);
    table([['one', 'active', 'first']]);
    expect(table([['two', 'owner_inactive', 'second']])).toBe('NAME  STATE\ntwo   owner_inactive\n');
  });
});

describe('scopes in a table', () => {
  const shown = (scopes: readonly string[], width: number): string => {
    const cell = scopesCell(CATALOG, scopes);
    if (typeof cell === 'string' || [...cell.text].length <= width) throw new Error('it fits in full');
    return cell.fit(width);
  };

  it('are by API where they do not fit', () => {
    const scopes = ['data:conversations', 'data:users', 'events:*'];
    expect(shown(scopes, 30)).toBe('data 2/5, events *');
    expect(shown(scopes, 17)).toBe('data 2/5 +1');
  });

  it('keep what tells them apart', () => {
    const scopes = ['elsewhere:*@workspace/a-very-long-name-bergen'];
    const short = shown(scopes, 16);
    expect(short).toHaveLength(16);
    expect(short).toMatch(/^elsew….*bergen$/);
  });

  it('are never wider than their column', () => {
    const scopes = ['data:users', 'events:*', 'elsewhere:read@workspace/bergen', 'far:away'];
    for (let width = 6; width < 60; width += 1) {
      expect([...shown(scopes, width)].length, String(width)).toBeLessThanOrEqual(width);
    }
  });
});
