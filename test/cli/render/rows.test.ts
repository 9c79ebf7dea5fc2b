import { expect, it } from 'vitest';
import { itemsOfPages } from '../../../src/cli/render/rows.js';

it('reads a page only when somebody has looked at the one before', async () => {
  const asked: string[] = [];
  const page = (number: number) => ({ items: [number], nextCursor: number < 4 ? String(number + 1) : null });
  const pages = itemsOfPages(page(1), async (cursor) => {
    asked.push(cursor);
    return page(Number(cursor));
  });
  const seen: number[] = [];
  for await (const items of pages) {
    seen.push(...items);
    if (seen.length === 3) break;
  }
  expect(seen).toEqual([1, 2, 3]);
  expect(asked).toEqual(['2', '3']);
});

it('ends with the last page', async () => {
  const pages = itemsOfPages({ items: ['a'], nextCursor: null }, () => Promise.reject(new Error('no more')));
  const seen: (readonly string[])[] = [];
  for await (const items of pages) seen.push(items);
  expect(seen).toEqual([['a']]);
});
