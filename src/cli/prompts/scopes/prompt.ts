import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isSpaceKey,
  isTabKey,
  isUpKey,
  type KeypressEvent,
  makeTheme,
  useEffect,
  useKeypress,
  usePagination,
  usePrefix,
  useState,
} from '@inquirer/core';
import { quote } from '../../../domain/text/quote.js';
import { safeForTerminal } from '../../../domain/text/safe-text.js';
import { type Stoppable, useStopKey } from '../stop-key.js';
import { fitted, type WindowSize } from '../window.js';
import { wrapped } from '../wrapped.js';
import { groupHeading, type ScopeGroup, selectedScopes } from './groups.js';
import {
  filtered,
  focusIn,
  isSelected,
  isSpaceTyped,
  moved,
  movedToNextGroup,
  opened,
  type ScopeLine,
  type ScopesState,
  shownLines,
  switched,
} from './lines.js';

/** A scope selection prompt. */
export interface ScopesQuestion extends Stoppable, WindowSize {
  readonly message: string;
  readonly state: ScopesState;
  /** Called on each change. */
  readonly onChange: (state: ScopesState) => void;
}

const HELP =
  'up/down: move, space: select, right/left: open/close, tab: next API, enter: done; typing filters; ctrl-c: leave';
const HELP_FILTERED = 'up/down: move, space: select, tab: next API, enter: done, esc: clear; ctrl-c: leave';
/** While a space goes on with the text. */
const HELP_TYPING = 'typing filters, a space too; up/down: move, then space: select; enter: done, esc: clear';

/** Check box list grouped by API, with a live count per group; groups open and close, and typing filters. */
export const scopesPrompt = createPrompt<readonly ScopeGroup[], ScopesQuestion>((question, done) => {
  const { columns } = question;
  const { style } = makeTheme();
  const [state, setState] = useState(question.state);
  const [isDone, setDone] = useState(false);
  const [problem, setProblem] = useState('');
  const prefix = usePrefix({ status: isDone ? 'done' : 'idle' });
  const lines = shownLines(state);
  useStopKey(question.stop);
  useEffect((keys) => {
    if (question.state.filter !== '') keys.write(question.state.filter);
  }, []);
  const change = (next: ScopesState): void => {
    setState(next);
    question.onChange(next);
  };
  useKeypress((key, keys) => {
    if (isDone) return;
    // What is selected cannot be seen while nothing matches.
    if (isEnterKey(key) && isSelected(state) && lines.length > 0) {
      setDone(true);
      done(state.groups);
      return;
    }
    setProblem(isEnterKey(key) ? 'select at least one with the space bar' : '');
    const next = isEnterKey(key) ? state : afterKey(state, key);
    if (next === null) {
      if (keys.line !== state.filter) change(filtered(state, keys.line));
      return;
    }
    // What readline made of the key is taken back: the line is the filter.
    keys.clearLine(0);
    keys.write(next.filter);
    change(next);
  });
  const title = `${prefix} ${question.message}`;
  const fact = lines.length === 0 ? `nothing matches ${quote(state.filter)}; esc clears it` : problem;
  const rowsOf = (item: ScopeLine): number => renderLine(state, item, false, columns).split('\n').length;
  const { pageSize, below } = fitted(
    `${title} ${state.filter}`,
    lines.map(rowsOf).reduce((sum, each) => sum + each, 0),
    { facts: fact === '' ? [] : [`> ${fact}`], hints: fact === '' ? [helpOf(state)] : [] },
    question,
  );
  const page = usePagination({
    items: lines,
    active: focusIn(state, lines),
    pageSize,
    loop: false,
    renderItem: ({ item, isActive }) => {
      const text = renderLine(state, item, isActive, columns);
      return isActive ? style.highlight(text) : text;
    },
  });
  if (isDone) return `${title} ${style.answer(safeForTerminal(selectedScopes(state.groups).join(', ')))}`;
  return [`${title} ${state.filter}`, [...(page === '' ? [] : [page]), ...below].join('\n')];
});

/** The list after a key; null for one that types. */
function afterKey(state: ScopesState, key: KeypressEvent): ScopesState | null {
  if (isUpKey(key)) return moved(state, -1);
  if (isDownKey(key)) return moved(state, 1);
  if (isTabKey(key)) return movedToNextGroup(state);
  if (isSpaceKey(key)) return isSpaceTyped(state) ? null : switched(state);
  if (key.name === 'escape') return filtered(state, '');
  if (key.name === 'right' || key.name === 'left') return opened(state, key.name === 'right');
  return null;
}

function helpOf(state: ScopesState): string {
  if (state.filter === '') return HELP;
  return isSpaceTyped(state) ? HELP_TYPING : HELP_FILTERED;
}

/** Fits a line into one row, a heading into as many as it takes: a scope's own name is dropped before its title. */
function renderLine(state: ScopesState, line: ScopeLine, isActive: boolean, columns: number): string {
  const group = state.groups[line.group];
  if (group === undefined) return '';
  const mark = isActive ? '>' : ' ';
  if (line.kind === 'heading') {
    const isOpen = state.filter !== '' || state.open.has(line.group);
    const [first = '', ...more] = wrapped(groupHeading(group), columns - 4);
    return [`${mark} ${isOpen ? '-' : '+'} ${first}`, ...more.map((text) => `    ${text}`)].join('\n');
  }
  const isChecked = group.isWhole || group.permissions.has(line.permission);
  const start = `${mark}   [${isChecked ? 'x' : ' '}] `;
  const short = safeForTerminal(line.title);
  const full = `${short} (${safeForTerminal(`${group.api.id}:${line.permission}`)})`;
  return `${start}${start.length + full.length <= columns ? full : short}`;
}
