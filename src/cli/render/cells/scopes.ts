import type { Catalog } from '../../../domain/scope/catalog.js';
import { scopesInShort } from '../../../domain/scope/scopes-in-short.js';
import type { Cell } from './column.js';
import { withoutMiddle } from './without-middle.js';

/** Scopes in a table: in full where they fit, else by API, else the first of those with the number of the others. */
export function scopesCell(catalog: Catalog, scopes: readonly string[]): Cell {
  const text = scopes.join(', ');
  return { text, fit: (width) => fitting(scopesInShort(catalog, scopes), width) };
}

function fitting(groups: readonly string[], width: number): string {
  for (let shown = groups.length; shown > 0; shown -= 1) {
    const text = withRest(groups.slice(0, shown).join(', '), groups.length - shown);
    if ([...text].length <= width) return text;
  }
  const rest = withRest('', groups.length - 1);
  return `${withoutMiddle(groups[0] ?? '', width - rest.length)}${rest}`;
}

function withRest(text: string, more: number): string {
  return more === 0 ? text : `${text} +${more}`;
}
