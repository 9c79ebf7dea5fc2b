import { cursorHide } from '@inquirer/ansi';
import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isUpKey,
  makeTheme,
  useKeypress,
  usePagination,
  usePrefix,
  useState,
} from '@inquirer/core';
import type { Choice } from './prompts.js';
import { type Stoppable, useStopKey } from './stop-key.js';
import { fitted, type WindowSize } from './window.js';

/** A single-choice question. */
export interface ChoiceQuestion extends Stoppable, WindowSize {
  readonly message: string;
  /** At least one. */
  readonly choices: readonly Pick<Choice<unknown>, 'name' | 'description'>[];
  /** Index of the initial focus. */
  readonly active: number;
  /** Called when the focus moves. */
  readonly onMove: (position: number) => void;
}

/** Number of visible choices. */
export const PAGE_SIZE = 10;

/** Single-choice prompt; resolves to an index. */
export const choicePrompt = createPrompt<number, ChoiceQuestion>((question, done) => {
  const { choices } = question;
  const { style } = makeTheme();
  const [active, setActive] = useState(question.active);
  const [isDone, setDone] = useState(false);
  const prefix = usePrefix({ status: isDone ? 'done' : 'idle' });
  useStopKey(question.stop);
  useKeypress((key, keys) => {
    if (isDone) return;
    if (isEnterKey(key)) {
      setDone(true);
      done(active);
      return;
    }
    const step = isUpKey(key) ? -1 : isDownKey(key) ? 1 : 0;
    if (step !== 0) keys.clearLine(0);
    const next = step === 0 ? choiceFor(choices, keys.line) : active + step;
    if (next === null) keys.clearLine(0);
    else if (choices[next] !== undefined) {
      setActive(next);
      question.onMove(next);
    }
  });
  const title = `${prefix} ${question.message}`;
  const chosen = choices[active];
  const { description } = chosen ?? {};
  const { pageSize, below } = fitted(
    title,
    Math.min(choices.length, PAGE_SIZE),
    {
      facts: description === undefined ? [] : [description],
      hints: ['up/down: move, enter: select, ctrl-c: leave'],
    },
    question,
  );
  const page = usePagination({
    items: choices,
    active,
    pageSize: Math.min(pageSize, PAGE_SIZE),
    loop: false,
    renderItem: ({ item: { name }, isActive }) => (isActive ? style.highlight(`> ${name}`) : `  ${name}`),
  });
  if (isDone) return `${title} ${style.answer(chosen?.name ?? '')}`;
  return [title, page, ...below].join('\n') + cursorHide;
});

/** Index of the choice that begins with the typed text, or has that number; null for none. */
export function choiceFor(choices: readonly { readonly name: string }[], typed: string): number | null {
  const text = typed.toLowerCase();
  if (text === '') return null;
  const found = choices.findIndex(({ name }) => name.toLowerCase().startsWith(text));
  if (found !== -1) return found;
  return /^\d{1,6}$/.test(text) && choices[Number(text) - 1] !== undefined ? Number(text) - 1 : null;
}
