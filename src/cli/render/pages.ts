import type { Page, Store } from '../../domain/ports/store-port.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { note, reading } from '../session.js';
import type { Cell, Column } from './cells/column.js';
import { type Emptiness, noteNothingFound } from './nothing-found.js';
import { paged } from './paged.js';
import { itemsOfPages, printTable } from './rows.js';

/** A listing that has been begun. */
export interface Listing<T> {
  readonly first: Page<T>;
  readonly next: (cursor: string) => Promise<Page<T>>;
  readonly columns: readonly Column[];
  readonly row: (item: T) => readonly Cell[];
  /** Why it is empty, where it is. */
  readonly nothing: () => Promise<Emptiness>;
}

/**
 * Shows a listing as a table: one page, or all of them, each read when the pager takes it.
 *
 * @param isWhole whether all pages are shown; otherwise the cursor of the next one is noted
 */
export async function showListing<T>(
  host: Host,
  globals: GlobalOptions,
  isWhole: boolean,
  open: (store: Store) => Promise<Listing<T>>,
): Promise<void> {
  const first = await paged(host, globals, (print) =>
    reading(host, globals, async (store) => {
      const { first, next, columns, row, nothing } = await open(store);
      const pages = isWhole ? itemsOfPages(first, next) : [first.items];
      async function* rows() {
        for await (const items of pages) yield items.map(row);
      }
      if (await printTable(host, globals, columns, rows(), print)) {
        noteNothingFound(host, globals, 'table', await nothing());
      }
      return first;
    }),
  );
  if (!isWhole) noteCursor(host, globals, first);
}

/** Notes where the next page begins, if there is one. */
export function noteCursor(host: Host, globals: GlobalOptions, { nextCursor }: Page<unknown>): void {
  if (nextCursor !== null) note(host, globals, `more: add --cursor ${nextCursor}`);
}
