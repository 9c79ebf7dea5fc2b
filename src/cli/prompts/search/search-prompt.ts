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
import { wrapped } from '../wrapped.js';
import { latestOnly } from './latest-only.js';
import { matchLines } from './match-lines.js';

/** What was typed, and the row in focus. */
export interface SearchState {
  readonly text: string;
  readonly active: number;
}

/** A choice among what matches a typed text. */
export interface SearchQuestion<T> extends SearchState, SearchSource<T>, Stoppable {
  readonly message: string;
  /** Called when the text or the focus changes. */
  readonly onChange: (state: SearchState) => void;
  /** Called when a search fails. */
  readonly fail: (fault: unknown) => void;
  /** Terminal size. */
  readonly rows: number;
  readonly columns: number;
}

/** Rows used by the question, its help and what else may stand below the list. */
const ROWS_AROUND = 8;

/** Colours are filtered out by the output where there are none. */
const PAINT = new Chalk({ level: 1 });

type Found = Matches<unknown> & { readonly text: string };

/** Search prompt: resolves to a match. Searching never holds up a key. */
export const searchPrompt = createPrompt<Match<unknown>, SearchQuestion<unknown>>((question, done) => {
  const { style } = makeTheme();
  const [text, setText] = useState(question.text);
  const [active, setActive] = useState(question.active);
  const [found, setFound] = useState<Found | null>(null);
  /** Whether Enter came before the matches. */
  const [isAwaited, setAwaited] = useState(false);
  const [chosen, setChosen] = useState<Match<unknown> | null>(null);
  const ask = useRef<(text: string) => void>();
  const prefix = usePrefix({ status: chosen === null ? 'idle' : 'done' });
  const isCurrent = found !== null && found.text === text;
  const matches = found?.matches ?? [];
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
  useKeypress((key, keys) => {
    if (chosen !== null) return;
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
  const width = question.columns - 3;
  const shown = matchLines(matches, width).map(({ name, remarks }, at) => {
    const rest = remarks.map((remark) => painted(remark)).join('');
    return at === active ? `${style.highlight(`> ${name}`)}${rest}` : `  ${name}${rest}`;
  });
  const size = Math.max(3, question.rows - ROWS_AROUND);
  const start = Math.max(0, Math.min(active - size + 1, shown.length - size));
  const page = shown.slice(start, start + size);
  const hasMore = found?.hasMore === true || page.length < shown.length;
  const remarks = [
    isCurrent && matches.length === 0 ? `> nothing matches ${quote(text)}` : '',
    'up/down: move, enter: choose',
    question.help,
  ];
  return [
    `${title} ${text}`,
    [
      ...page,
      ...(hasMore ? ['  and more: type to search'] : []),
      '',
      ...remarks.flatMap((remark) => (remark === '' ? [] : wrapped(remark, width))),
    ].join('\n'),
  ];
});

/** Colours the word in a padded column. */
function painted(column: string): string {
  const word = column.trim();
  return word === '' ? column : column.replace(word, () => paintState(word, PAINT));
}
