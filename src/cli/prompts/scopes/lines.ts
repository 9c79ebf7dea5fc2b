import { allToggled, hasSelection, type ScopeGroup, toggled } from './groups.js';

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
  /** Whether the filter is being typed: the focus has not been moved since its last character. */
  readonly isTyping: boolean;
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
    isTyping: false,
    focus: { group: 0, permission: isOpen ? '*' : '' },
  };
}

/** The lines that are shown. */
export function shownLines({ groups, open, filter }: ScopesState): readonly ScopeLine[] {
  return groups.flatMap((group, index): readonly ScopeLine[] => {
    const { api } = group;
    const isWhole = isOfApi(filter, group);
    const permissions = api.permissions
      .filter(({ id, title }) => isWhole || matches(filter, id, title, `${api.id}:${id}`))
      .map(({ id, title }) => ({ group: index, kind: 'permission' as const, permission: id, title }));
    const whole =
      isWhole || isOfWhole(filter, group)
        ? [{ group: index, kind: 'whole' as const, permission: '*', title: WHOLE }]
        : [];
    if (whole.length === 0 && permissions.length === 0) return [];
    const heading = { group: index, kind: 'heading' as const, permission: '', title: api.title };
    if (filter === '' && !open.has(index)) return [heading];
    return [heading, ...whole, ...permissions];
  });
}

/** Title of the line that selects the whole of a group. */
export const WHOLE = 'All, also future ones';

/** The beginning of {@link WHOLE} counts from as many characters on: fewer are in every other title. */
const LEAST_OF_WHOLE = 3;

/** Whether a filter is of an API itself, and so of all its lines. */
function isOfApi(filter: string, { api }: ScopeGroup): boolean {
  return filter === '' || matches(filter, api.id, api.title);
}

function isOfWhole(filter: string, { api }: ScopeGroup): boolean {
  if (filter.includes('*')) return matches(filter, `${api.id}:*`);
  return filter.length >= LEAST_OF_WHOLE && WHOLE.toLowerCase().startsWith(filter.toLowerCase());
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

/** Moves the focus up or down, from either end to the other; under a filter it stays at the end. */
export function moved(state: ScopesState, step: 1 | -1): ScopesState {
  const lines = shownLines(state);
  const next = focusIn(state, lines) + step;
  const at = state.filter === '' ? (next + lines.length) % lines.length : next;
  return focused(state, lines[at] ?? lines[next - step]);
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

/**
 * Selects the line in focus, or takes it away. A heading stands for the whole of its group, which it opens to show
 * that; under a filter, for the permissions that are shown.
 */
export function switched(state: ScopesState): ScopesState {
  const lines = shownLines(state);
  const line = lines[focusIn(state, lines)];
  if (line === undefined) return state;
  const isOfShown = line.kind === 'heading' && state.filter !== '';
  const shown = lines.filter(({ group, kind }) => group === line.group && kind === 'permission');
  const change = (group: ScopeGroup): ScopeGroup => {
    if (!isOfShown) return toggled(group, line.kind === 'permission' ? line.permission : null);
    return allToggled(
      group,
      shown.map(({ permission }) => permission),
    );
  };
  const groups = state.groups.map((group, index) => (index === line.group ? change(group) : group));
  const opens = line.kind === 'heading' && state.filter === '';
  return { ...state, groups, ...(opens ? { open: new Set([...state.open, line.group]) } : {}) };
}

/** Whether a space belongs to the filter that is being typed: a title goes on with it. */
export function isSpaceTyped({ isTyping, ...state }: ScopesState): boolean {
  const filter = `${state.filter} `;
  return isTyping && shownLines({ ...state, isTyping, filter }).length > 0;
}

/** Filters the lines, and moves the focus to the first one that matches by itself. */
export function filtered(state: ScopesState, filter: string): ScopesState {
  const next = { ...state, filter, isTyping: filter !== '' };
  if (filter === '') {
    const isShown = shownLines(next).some(
      ({ group, permission }) => group === state.focus.group && permission === state.focus.permission,
    );
    return isShown ? next : { ...next, focus: { group: state.focus.group, permission: '' } };
  }
  const lines = shownLines(next);
  const [first] = lines;
  const group = state.groups[first?.group ?? 0];
  const isWhole = group !== undefined && isOfApi(filter, group);
  return { ...focused(next, isWhole ? first : (lines[1] ?? first)), isTyping: true };
}

/** Whether anything is selected. */
export function isSelected({ groups }: ScopesState): boolean {
  return groups.some(hasSelection);
}

function focused(state: ScopesState, line: ScopeLine | undefined): ScopesState {
  if (line === undefined) return state;
  return { ...state, isTyping: false, focus: { group: line.group, permission: line.permission } };
}
