import type { Column } from './table.js';

/** The column of statuses, of credentials or of owners: green what works, yellow what is stopped, red what has expired. */
export const STATUS: Column = {
  title: 'STATUS',
  importance: 1,
  least: 'inactive'.length,
  paint: (status, style) => style[colourOf(status)](status),
};

function colourOf(status: string): 'green' | 'yellow' | 'red' {
  if (status === 'active') return 'green';
  return status === 'expired' ? 'red' : 'yellow';
}
