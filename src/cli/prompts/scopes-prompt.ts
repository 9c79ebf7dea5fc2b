import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isSpaceKey,
  isTabKey,
  isUpKey,
  useKeypress,
  usePagination,
  usePrefix,
  useState,
} from '@inquirer/core';
import { safeForTerminal } from '../../domain/text/safe-text.js';
import { groupHeading, hasSelection, type ScopeGroup, selectedScopes, toggled } from './scope-groups.js';
import { type Stoppable, useStopKey } from './stop-key.js';
import { wrapped } from './wrapped.js';

/** A scope selection prompt. */
export interface ScopesQuestion extends ScopesState, Stoppable {
  readonly message: string;
  /** Called on each change of selection or focus. */
  readonly onChange: (state: ScopesState) => void;
  /** Terminal size. */
  readonly rows: number;
  readonly columns: number;
}

/** Selection and focus. */
export interface ScopesState {
  readonly groups: readonly ScopeGroup[];
  /** Index of the focused line. */
  readonly active: number;
}

/** A toggleable line: one permission, or the whole API with null. */
interface Item {
  readonly group: number;
  readonly permission: { readonly id: string; readonly title: string } | null;
}

/** Rows used by the question and the lines below the list, with a margin for narrow terminals. */
const ROWS_AROUND = 7;

/** Check box list grouped by API, with a live count per group. */
export const scopesPrompt = createPrompt<readonly ScopeGroup[], ScopesQuestion>((question, done) => {
  const [groups, setGroups] = useState(question.groups);
  const [active, setActive] = useState(question.active);
  const [isDone, setDone] = useState(false);
  const [problem, setProblem] = useState('');
  const prefix = usePrefix({ status: isDone ? 'done' : 'idle' });
  const items = itemsOf(question.groups);
  useStopKey(question.stop);
  const move = (to: number): void => {
    setActive(to);
    question.onChange({ groups, active: to });
  };
  useKeypress((key) => {
    if (isDone) return;
    const item = items[active];
    if (!isEnterKey(key)) setProblem('');
    if (isEnterKey(key)) submit();
    else if (isUpKey(key)) move((active + items.length - 1) % items.length);
    else if (isDownKey(key)) move((active + 1) % items.length);
    else if (isTabKey(key)) move(nextGroup(items, active));
    else if (isSpaceKey(key) && item !== undefined) {
      const permission = item.permission?.id ?? null;
      const next = groups.map((each, index) => (index === item.group ? toggled(each, permission) : each));
      setGroups(next);
      question.onChange({ groups: next, active });
    }
  });
  const submit = (): void => {
    if (groups.some(hasSelection)) {
      setDone(true);
      done(groups);
    } else setProblem('select at least one with the space bar');
  };
  const page = usePagination({
    items,
    active,
    pageSize: Math.max(5, question.rows - ROWS_AROUND),
    loop: false,
    renderItem: ({ item, isActive }) => renderItem(groups, item, isActive, question.columns),
  });
  const title = `${prefix} ${question.message}`;
  if (isDone) return `${title} ${safeForTerminal(selectedScopes(groups).join(', '))}`;
  const help = 'up/down: move, tab: next API, space: select, enter: done';
  const remark = wrapped(problem === '' ? help : `> ${problem}`, question.columns);
  return [title, [page, '', ...remark].join('\n')];
});

function itemsOf(groups: readonly ScopeGroup[]): readonly Item[] {
  return groups.flatMap(({ api }, group): readonly Item[] => [
    { group, permission: null },
    ...api.permissions.map((permission) => ({ group, permission })),
  ]);
}

/** The first line of the next group, wrapping around. */
function nextGroup(items: readonly Item[], active: number): number {
  const present = items[active]?.group ?? 0;
  return Math.max(
    0,
    items.findIndex(({ group }) => group === present + 1),
  );
}

/** Fits a line into one row: the scope's own name is dropped before its title. */
function renderItem(groups: readonly ScopeGroup[], item: Item, isActive: boolean, columns: number): string {
  const group = groups[item.group];
  if (group === undefined) return '';
  const { id, title } = item.permission ?? { id: '*', title: 'All, later ones included' };
  const isSelected = group.isWhole || (item.permission !== null && group.permissions.has(id));
  const start = `${isActive ? '>' : ' '} [${isSelected ? 'x' : ' '}] `;
  const short = safeForTerminal(title);
  const full = `${short} (${safeForTerminal(`${group.api.id}:${id}`)})`;
  const line = `${start}${start.length + full.length <= columns ? full : short}`;
  if (item.permission !== null) return line;
  const heading = wrapped(groupHeading(group), columns - 2).map((text) => `  ${text}`);
  return [...heading, line].join('\n');
}
