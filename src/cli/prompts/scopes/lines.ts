import { hasSelection, type ScopeGroup, toggled } from './groups.js';

/** A line of the list: the heading of a group, its permissions as a whole (`*`), or one of them. */
export interface ScopeLine {
  /** Index of the group. */
  readonly group: number;
  readonly kind: 'heading' | 'whole' | 'permission';
  /** Id of the permission; `*` for the whole; empty for a heading. */
  readonly permission: string;
  readonly title: string;
}

/** The list with its selection, and how it is looked at. */
export interface ScopesState {
  readonly groups: readonly ScopeGroup[];
  /** Indices of the groups whose permissions are shown. */
  readonly open: ReadonlySet<number>;
  /** Text that titles and ids must contain; every group is open then. */
  readonly filter: string;
  /** The line in focus. */
  readonly focus: Pick<ScopeLine, 'group' | 'permission'>;
}

/** As many groups are open at first; more of them are closed. */
const MOST_OPEN = 3;

/** The list at first. */
export function initialState(groups: readonly ScopeGroup[]): ScopesState {
  const isOpen = groups.length <= MOST_OPEN;
  return {
    groups,
    open: new Set(isOpen ? groups.keys() : []),
    filter: '',
    focus: { group: 0, permission: isOpen ? '*' : '' },
  };
}

/** The lines that are shown. */
export function shownLines({ groups, open, filter }: ScopesState): readonly ScopeLine[] {
  return groups.flatMap((group, index): readonly ScopeLine[] => {
    const { api } = group;
    const isWhole = filter === '' || matches(filter, api.id, api.title);
    const permissions = api.permissions
      .filter(({ id, title }) => isWhole || matches(filter, id, title, `${api.id}:${id}`))
      .map(({ id, title }) => ({ group: index, kind: 'permission' as const, permission: id, title }));
    if (!isWhole && permissions.length === 0) return [];
    const heading = { group: index, kind: 'heading' as const, permission: '', title: api.title };
    if (filter === '' && !open.has(index)) return [heading];
    const whole = {
      group: index,
      kind: 'whole' as const,
      permission: '*',
      title: 'All, also future ones',
    };
    return [heading, ...(isWhole ? [whole] : []), ...permissions];
  });
}

function matches(filter: string, ...texts: readonly string[]): boolean {
  return texts.some((text) => text.toLowerCase().includes(filter.toLowerCase()));
}

/** Index of the focus among the lines; the first where it is not shown. */
export function focusIn(state: ScopesState, lines = shownLines(state)): number {
  const { group, permission } = state.focus;
  return Math.max(
    0,
    lines.findIndex((line) => line.group === group && line.permission === permission),
  );
}

/** Moves the focus up or down, from either end to the other. */
export function moved(state: ScopesState, step: 1 | -1): ScopesState {
  const lines = shownLines(state);
  return focused(state, lines[(focusIn(state, lines) + lines.length + step) % lines.length]);
}

/** Moves the focus to the next group: to the whole of an open one, to the heading of a closed one. */
export function movedToNextGroup(state: ScopesState): ScopesState {
  const lines = shownLines(state);
  const present = lines[focusIn(state, lines)]?.group ?? 0;
  const group = (lines.find((line) => line.group > present) ?? lines[0])?.group;
  const [heading, ...rest] = lines.filter((line) => line.group === group);
  return focused(state, rest[0] ?? heading);
}

/** Opens the group in focus, or closes it; the focus is on its heading then. */
export function opened(state: ScopesState, isOpen: boolean): ScopesState {
  const lines = shownLines(state);
  const line = lines[focusIn(state, lines)];
  if (line === undefined || state.filter !== '') return state;
  const open = new Set(state.open);
  if (isOpen) open.add(line.group);
  else open.delete(line.group);
  return isOpen ? { ...state, open } : { ...state, open, focus: { group: line.group, permission: '' } };
}

/** Selects the line in focus, or takes it away; a heading stands for the whole of its group. */
export function switched(state: ScopesState): ScopesState {
  const lines = shownLines(state);
  const line = lines[focusIn(state, lines)];
  if (line === undefined) return state;
  const permission = line.kind === 'permission' ? line.permission : null;
  const groups = state.groups.map((group, index) =>
    index === line.group ? toggled(group, permission) : group,
  );
  return { ...state, groups };
}

/** Filters the lines, and moves the focus to the first one that matches by itself. */
export function filtered(state: ScopesState, filter: string): ScopesState {
  const next = { ...state, filter };
  if (filter === '') {
    const isShown = shownLines(next).some(
      ({ group, permission }) => group === state.focus.group && permission === state.focus.permission,
    );
    return isShown ? next : { ...next, focus: { group: state.focus.group, permission: '' } };
  }
  const lines = shownLines(next);
  const [first] = lines;
  const isWhole = lines.some(({ group, kind }) => group === first?.group && kind === 'whole');
  return focused(next, isWhole ? first : (lines[1] ?? first));
}

/** Whether anything is selected. */
export function isSelected({ groups }: ScopesState): boolean {
  return groups.some(hasSelection);
}

function focused(state: ScopesState, line: ScopeLine | undefined): ScopesState {
  if (line === undefined) return state;
  return { ...state, focus: { group: line.group, permission: line.permission } };
}
