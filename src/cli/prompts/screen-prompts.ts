import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { choicePrompt } from './choice-prompt.js';
import { type Asking, interruptible } from './interruption.js';
import type { LineOptions, PromptLook, Prompts, SearchSource } from './prompts.js';
import { initialState } from './scopes/lines.js';
import { scopesPrompt } from './scopes/prompt.js';
import { type SearchState, searchPrompt } from './search/search-prompt.js';
import { type SeveralState, severalPrompt } from './several-prompt.js';
import { textPrompt } from './text-prompt.js';
import type { WindowSize } from './window.js';
import { wrapped } from './wrapped.js';

/** SGR escape sequences (colour and weight); cursor sequences end in another letter. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with a control character
const COLOUR = /\u001b\[[0-9;]*m/g;

/** Prompts for a terminal with cursor movement. A repeated prompt keeps its input and selection. */
export function screenPrompts({ color }: Pick<PromptLook, 'color'>): Prompts {
  return {
    async confirm(message, byDefault = false) {
      const question = `${message} (${byDefault ? 'Y/n' : 'y/N'})`;
      const typed = await askForText(color, question, { check: confirmationProblem });
      return typed.trim() === '' ? byDefault : YES.test(typed);
    },
    line: (message, options = {}) => askForText(color, message, options),
    hidden: (message) => askForText(color, message, { isHidden: true }),
    async choose(message, choices, initial) {
      let active = Math.max(
        0,
        choices.findIndex(({ value }) => value === initial),
      );
      const chosen = await interruptible((asking) => {
        const { stop, output } = asking;
        const size = sizeOf(output);
        const onMove = (position: number): void => {
          active = position;
        };
        return choicePrompt(
          { message: besideMark(message, size), choices, active, onMove, stop, ...size },
          contextOf(asking, color),
        );
      });
      return valueAt(choices, chosen);
    },
    async chooseSeveral(message, choices) {
      let state: SeveralState = { selected: new Set(), active: 0 };
      const chosen = await interruptible((asking) => {
        const size = sizeOf(asking.output);
        const onChange = (now: SeveralState): void => {
          state = now;
        };
        return severalPrompt(
          { message: besideMark(message, size), choices, ...state, onChange, stop: asking.stop, ...size },
          contextOf(asking, color),
        );
      });
      return chosen.map((position) => valueAt(choices, position));
    },
    search: (message, source) => askBySearch(color, message, source),
    chooseScopes(message, groups) {
      let state = initialState(groups);
      return interruptible((asking) => {
        const { stop, output } = asking;
        const size = sizeOf(output);
        return scopesPrompt(
          {
            message: besideMark(message, size),
            state,
            onChange: (now) => {
              state = now;
            },
            stop,
            ...size,
          },
          contextOf(asking, color),
        );
      });
    },
  };
}

/** A search that fails ends the question with its error. */
async function askBySearch<T>(color: boolean, message: string, source: SearchSource<T>): Promise<T> {
  let state: SearchState = { text: '', active: 0 };
  // The values of matches go through the prompt, which does not look at them.
  const found = new Map<unknown, T>();
  const find: SearchSource<unknown>['find'] = async (text, isStale) => {
    const result = await source.find(text, isStale);
    for (const match of result.matches) found.set(match, match.value);
    return result;
  };
  const chosen = await interruptible(async (asking) => {
    const failure = new AbortController();
    const size = sizeOf(asking.output);
    const context = contextOf(asking, color);
    Object.defineProperty(context, 'signal', { value: AbortSignal.any([asking.signal, failure.signal]) });
    try {
      return await searchPrompt(
        {
          message: besideMark(message, size),
          find,
          help: source.help,
          ...state,
          onChange: (now) => {
            state = now;
          },
          fail: (fault) => failure.abort(fault),
          stop: asking.stop,
          ...size,
        },
        context,
      );
    } catch (fault) {
      // The prompt that is closed reads as the end of the input, too.
      if (failure.signal.aborted) throw failure.signal.reason;
      throw fault;
    }
  });
  const value = found.get(chosen);
  if (value === undefined) throw new RangeError('there is no such match');
  return value;
}

const YES = /^\s*y(?:es?)?\s*$/i;
const NO = /^\s*(?:no?)?\s*$/i;

function confirmationProblem(text: string): string | null {
  return YES.test(text) || NO.test(text) ? null : 'type y or n';
}

function askForText(
  color: boolean,
  message: string,
  options: LineOptions & { readonly isHidden?: true },
): Promise<string> {
  let typed = options.initial ?? '';
  return interruptible((asking) => {
    const { stop, output } = asking;
    const onType = (text: string): void => {
      typed = text;
    };
    return textPrompt(
      { ...options, message: besideMark(message, sizeOf(output)), initial: typed, onType, stop },
      contextOf(asking, color),
    );
  });
}

/** Context of a prompt; its output is erased when the process is stopped. */
function contextOf(asking: Asking, color: boolean) {
  const { input, signal } = asking;
  return {
    input,
    signal,
    output: color ? asking.output : colourless(asking.output),
    get clearPromptOnDone() {
      return asking.isStopping;
    },
  };
}

/** The value of the choice at an index. */
export function valueAt<T>(choices: readonly { readonly value: T }[], position: number): T {
  const choice = choices[position];
  if (choice === undefined) throw new RangeError(`there is no choice ${position}`);
  return choice.value;
}

function sizeOf(output: WriteStream): WindowSize {
  return { rows: output.rows || 24, columns: output.columns || 80 };
}

/** Wraps a question beside the prefix mark. */
function besideMark(message: string, { columns }: WindowSize): string {
  return wrapped(message, columns - 2).join('\n');
}

/** Filters SGR sequences out of the terminal's output. */
function colourless(terminal: WriteStream): NodeJS.WritableStream {
  const plain = new Writable({
    write(chunk, _encoding, done) {
      terminal.write(String(chunk).replaceAll(COLOUR, ''), done);
    },
  });
  return Object.defineProperties(plain, {
    columns: { get: () => terminal.columns },
    rows: { get: () => terminal.rows },
    isTTY: { value: true },
  });
}
