import { Writable } from 'node:stream';
import { confirm, password, select } from '@inquirer/prompts';
import type { PromptLook, Prompts } from '../prompts.js';
import { interruptible } from './interruption.js';
import { scopesPrompt } from './scopes-prompt.js';
import { textPrompt } from './text-prompt.js';
import { wrapped } from './wrapped.js';

/** How many choices are shown at once. */
const PAGE_SIZE = 10;

/** What sets a colour or a weight; the sequences that move the cursor end in another letter. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with a control character
const COLOUR = /\u001b\[[0-9;]*m/g;

/** Questions on a terminal that can move its cursor. */
export function screenPrompts(look: Pick<PromptLook, 'color'>): Prompts {
  const output = look.color ? process.stderr : colourless(process.stderr);
  const context = { output };
  return {
    confirm: (message) =>
      interruptible((signal) =>
        confirm({ message: fitted(message), default: false }, { ...context, signal }),
      ),
    line: (message, options = {}) =>
      interruptible((signal) => textPrompt({ message: fitted(message), ...options }, { ...context, signal })),
    hidden: (message) =>
      interruptible((signal) =>
        password({ message: fitted(message), mask: false, toggleMask: false }, { ...context, signal }),
      ),
    choose: (message, choices, initial) => {
      const index = choices.findIndex(({ value }) => value === initial);
      return interruptible(async (signal) => {
        const chosen = await select(
          {
            message: fitted(message),
            choices: choices.map(({ name, description }, position) => ({
              value: position,
              name,
              ...(description === undefined ? {} : { description }),
            })),
            default: Math.max(0, index),
            loop: false,
            pageSize: PAGE_SIZE,
          },
          { ...context, signal },
        );
        return valueAt(choices, chosen);
      });
    },
    chooseScopes: (message, groups) =>
      interruptible((signal) =>
        scopesPrompt(
          { message, groups, rows: process.stderr.rows || 24, columns: process.stderr.columns || 80 },
          { ...context, signal },
        ),
      ),
  };
}

/** The value of the choice at a position. */
export function valueAt<T>(choices: readonly { readonly value: T }[], position: number): T {
  const choice = choices[position];
  if (choice === undefined) throw new RangeError(`there is no choice ${position}`);
  return choice.value;
}

/** A question broken between its words, beside the mark that every question begins with. */
function fitted(message: string): string {
  return wrapped(message, (process.stderr.columns || 80) - 2).join('\n');
}

/** The same terminal without what would colour it. */
function colourless(terminal: NodeJS.WriteStream): NodeJS.WritableStream {
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
