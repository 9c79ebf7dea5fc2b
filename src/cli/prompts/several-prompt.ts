import { cursorHide } from '@inquirer/ansi';
import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isSpaceKey,
  isUpKey,
  makeTheme,
  useKeypress,
  usePagination,
  usePrefix,
  useState,
} from '@inquirer/core';
import { choiceFor, PAGE_SIZE } from './choice-prompt.js';
import type { Choice } from './prompts.js';
import { type Stoppable, useStopKey } from './stop-key.js';
import { fitted, type WindowSize } from './window.js';

/** What is selected, and the row in focus. */
export interface SeveralState {
  readonly selected: ReadonlySet<number>;
  readonly active: number;
}

/** A choice of at least one. */
export interface SeveralQuestion extends SeveralState, Stoppable, WindowSize {
  readonly message: string;
  readonly choices: readonly Pick<Choice<unknown>, 'name'>[];
  /** Called on each change of selection or focus. */
  readonly onChange: (state: SeveralState) => void;
}

/** Check box list; resolves to the indices in order. */
export const severalPrompt = createPrompt<readonly number[], SeveralQuestion>((question, done) => {
  const { choices } = question;
  const { style } = makeTheme();
  const [active, setActive] = useState(question.active);
  const [selected, setSelected] = useState(question.selected);
  const [isDone, setDone] = useState(false);
  const [problem, setProblem] = useState('');
  const prefix = usePrefix({ status: isDone ? 'done' : 'idle' });
  const inOrder = [...selected].toSorted((a, b) => a - b);
  useStopKey(question.stop);
  useKeypress((key, keys) => {
    if (isDone) return;
    setProblem('');
    if (isEnterKey(key)) {
      if (selected.size === 0) return setProblem('select at least one with the space bar');
      setDone(true);
      done(inOrder);
      return;
    }
    const step = isUpKey(key) ? -1 : isDownKey(key) ? 1 : 0;
    if (step !== 0 || isSpaceKey(key)) keys.clearLine(0);
    if (isSpaceKey(key)) {
      const next = new Set(selected);
      if (!next.delete(active)) next.add(active);
      setSelected(next);
      question.onChange({ selected: next, active });
      return;
    }
    const next = step === 0 ? choiceFor(choices, keys.line) : active + step;
    if (next === null) keys.clearLine(0);
    else if (choices[next] !== undefined) {
      setActive(next);
      question.onChange({ selected, active: next });
    }
  });
  const title = `${prefix} ${question.message}`;
  const { pageSize, below } = fitted(
    title,
    Math.min(choices.length, PAGE_SIZE),
    problem === ''
      ? { facts: [], hints: ['up/down: move, space: select, enter: done, ctrl-c: leave'] }
      : { facts: [`> ${problem}`], hints: [] },
    question,
  );
  const page = usePagination({
    items: choices,
    active,
    pageSize: Math.min(pageSize, PAGE_SIZE),
    loop: false,
    renderItem: ({ item: { name }, index, isActive }) => {
      const line = `${isActive ? '>' : ' '} [${selected.has(index) ? 'x' : ' '}] ${name}`;
      return isActive ? style.highlight(line) : line;
    },
  });
  if (isDone) return `${title} ${style.answer(inOrder.map((at) => choices[at]?.name).join(', '))}`;
  return [title, page, ...below].join('\n') + cursorHide;
});
