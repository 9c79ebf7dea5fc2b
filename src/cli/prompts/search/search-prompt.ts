import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isUpKey,
  makeTheme,
  useEffect,
  useKeypress,
  usePrefix,
  useRef,
  useState,
} from '@inquirer/core';
import { Chalk } from 'chalk';
import { quote } from '../../../domain/text/quote.js';
import { safeForTerminal } from '../../../domain/text/safe-text.js';
import { paintState } from '../../render/status.js';
import type { Match, Matches, SearchSource } from '../prompts.js';
import { type Stoppable, useStopKey } from '../stop-key.js';
import { fitted, type WindowSize } from '../window.js';
import { latestOnly } from './latest-only.js';
import { matchLines } from './match-lines.js';

/** What was typed, and the row in focus. */
export interface SearchState {
  readonly text: string;
  readonly active: number;
}

/** A choice among what matches a typed text. */
export interface SearchQuestion<T> extends SearchState, SearchSource<T>, Stoppable, WindowSize {
  readonly message: string;
  /** Called when the text or the focus changes. */
  readonly onChange: (state: SearchState) => void;
  /** Called when a search fails. */
  readonly fail: (fault: unknown) => void;
}

/** Matches of an earlier text are shown for as long, in milliseconds, while those of the present one are looked for. */
const STALE_MS = 400;

const MORE = '  and more: type to search';
const KEYS = 'up/down: move, enter: choose, esc: clear, ctrl-c: leave';

/** Colours are filtered out by the output where there are none. */
const PAINT = new Chalk({ level: 1 });

type Found = Matches<unknown> & { readonly text: string };

/** Search prompt: resolves to a match. Searching never holds up a key. */
export const searchPrompt = createPrompt<Match<unknown>, SearchQuestion<unknown>>((question, done) => {
  const { style } = makeTheme();
  const [text, setText] = useState(question.text);
  const [active, setActive] = useState(question.active);
  const [found, setFound] = useState<Found | null>(null);
  /** Whether the matches take long. */
  const [isSlow, setSlow] = useState(false);
  /** Whether Enter came before the matches. */
  const [isAwaited, setAwaited] = useState(false);
  const [chosen, setChosen] = useState<Match<unknown> | null>(null);
  const ask = useRef<(text: string) => void>();
  const prefix = usePrefix({ status: chosen === null ? 'idle' : 'done' });
  const isCurrent = found !== null && found.text === text;
  const matches = isSlow && !isCurrent ? [] : (found?.matches ?? []);
  useStopKey(question.stop);
  const choose = (match: Match<unknown> | undefined): void => {
    if (match === undefined) return;
    setChosen(match);
    done(match);
  };
  useEffect((keys) => {
    let isOver = false;
    ask.current = latestOnly(question.find, {
      found: (of, result) => {
        if (!isOver) setFound({ ...result, text: of });
      },
      failed: (fault) => {
        if (!isOver) question.fail(fault);
      },
    });
    if (question.text !== '') keys.write(question.text);
    ask.current(question.text);
    return () => {
      isOver = true;
    };
  }, []);
  useEffect(() => {
    if (!isAwaited || !isCurrent) return;
    setAwaited(false);
    // These matches were not on the screen yet: only one that can be meant alone is taken.
    if (matches.length === 1 || matches[0]?.name.toLowerCase() === text.toLowerCase()) choose(matches[0]);
  }, [found]);
  useEffect(() => {
    setSlow(false);
    if (isCurrent) return;
    const timer = setTimeout(() => setSlow(true), STALE_MS);
    return () => clearTimeout(timer);
  }, [text, isCurrent]);
  useKeypress((key, keys) => {
    if (chosen !== null) return;
    if (key.name === 'escape') keys.clearLine(0);
    if (isEnterKey(key)) {
      // readline has cleared the line.
      keys.write(text);
      if (isCurrent) choose(matches[active]);
      else setAwaited(true);
      return;
    }
    setAwaited(false);
    const step = isUpKey(key) ? -1 : isDownKey(key) ? 1 : 0;
    if (step !== 0) {
      keys.clearLine(0);
      keys.write(text);
      if (matches[active + step] === undefined) return;
      setActive(active + step);
      question.onChange({ text, active: active + step });
    } else if (keys.line !== text) {
      setText(keys.line);
      setActive(0);
      question.onChange({ text: keys.line, active: 0 });
      ask.current?.(keys.line);
    }
  });
  const title = `${prefix} ${question.message}`;
  if (chosen !== null) return `${title} ${style.answer(safeForTerminal(chosen.name))}`;
  const rows = matchLines(matches, question.columns - 3);
  const marked = matches[active];
  const isCut = marked !== undefined && rows[active]?.name.trim() !== safeForTerminal(marked.name);
  const facts = [
    isCurrent && matches.length === 0
      ? `> nothing matches ${quote(text)}${text === '' ? '' : '; esc clears it'}`
      : '',
    isSlow && !isCurrent ? '> searching …' : '',
    isCut ? `name: ${safeForTerminal(marked.name)}` : '',
  ].filter((fact) => fact !== '');
  const { pageSize, below } = fitted(
    `${title} ${text}`,
    rows.length + 1,
    { facts, hints: [KEYS, question.help] },
    question,
  );
  const hasMore = found?.hasMore === true || pageSize < rows.length;
  // The line that says so takes the room of a row, where there is more than one.
  const size = hasMore && pageSize > 1 ? pageSize - 1 : pageSize;
  const start = Math.max(0, Math.min(active - size + 1, rows.length - size));
  const page = rows.slice(start, start + size).map(({ name, remarks }, at) => {
    const rest = remarks.map((remark) => painted(remark)).join('');
    return start + at === active ? `${style.highlight(`> ${name}`)}${rest}` : `  ${name}${rest}`;
  });
  const more =
    hasMore && size < pageSize && rows.length > 0
      ? [question.columns > MORE.length ? MORE : '  and more']
      : [];
  return [`${title} ${text}`, [...page, ...more, ...below].join('\n')];
});

/** Colours the word in a padded column. */
function painted(column: string): string {
  const word = column.trim();
  return word === '' ? column : column.replace(word, () => paintState(word, PAINT));
}
