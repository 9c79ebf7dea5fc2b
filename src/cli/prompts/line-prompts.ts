import { createInterface } from 'node:readline';
import { quote } from '../../domain/text/quote.js';
import { safeForTerminal } from '../../domain/text/safe-text.js';
import { type Asking, interruptible } from './interruption.js';
import type { Choice, LineOptions, Match, PromptLook, Prompts, SearchSource } from './prompts.js';
import { groupHeading, hasSelection, type ScopeGroup, toggled } from './scopes/groups.js';
import { screenPrompts, valueAt } from './screen-prompts.js';

/**
 * Prompts for a terminal without cursor movement (`TERM=dumb`): typed answers, numbered choices, append-only
 * output.
 */
export function linePrompts({ write }: Pick<PromptLook, 'write'>): Prompts {
  const lines = linesOf(write);
  return {
    async confirm(message, byDefault = false) {
      const typed = (await lines.answer(`${message} (${byDefault ? 'Y/n' : 'y/N'}) `)).trim();
      return typed === '' ? byDefault : /^y(?:es)?$/i.test(typed);
    },
    line: (message, options) => askForLine(lines, message, options),
    hidden: (message) => screenPrompts({ color: false }).hidden(message),
    choose: (message, choices, initial) => askForChoice(lines, message, choices, initial),
    chooseSeveral: (message, choices) => askForSeveral(lines, message, choices),
    search: (message, source) => askBySearch(lines, message, source),
    chooseScopes: (message, groups) => askForScopes(lines, message, groups),
  };
}

/** Line-based input and output. */
interface Lines {
  readonly say: (text: string) => void;
  readonly answer: (question: string) => Promise<string>;
}

async function askForLine(
  { say, answer }: Lines,
  message: string,
  { initial, check, accept }: LineOptions = {},
): Promise<string> {
  const kept = initial === undefined || initial === '' ? '' : ` [${initial}; - for none]`;
  for (;;) {
    const typed = await answer(`${message}${kept} `);
    const text = kept === '' ? typed : chosenText(typed, initial ?? '');
    const problem = check?.(text) ?? (await accept?.(text)) ?? null;
    if (problem === null) return text;
    say(`> ${problem}`);
  }
}

function chosenText(typed: string, initial: string): string {
  if (typed === '') return initial;
  return typed === '-' ? '' : typed;
}

async function askForChoice<T>(
  { say, answer }: Lines,
  message: string,
  choices: readonly Choice<T>[],
  initial?: T,
): Promise<T> {
  const first = Math.max(
    0,
    choices.findIndex(({ value }) => value === initial),
  );
  for (const [index, { name, description }] of choices.entries()) {
    say(`${index + 1}) ${name}${description === undefined ? '' : `: ${description}`}`);
  }
  for (;;) {
    const typed = numbers(await answer(`${message} (1 to ${choices.length}) [${first + 1}] `));
    const chosen = typed?.length === 0 ? first : (typed?.[0] ?? 0) - 1;
    if (choices[chosen] !== undefined) return valueAt(choices, chosen);
    say(`> type a number from 1 to ${choices.length}`);
  }
}

async function askForSeveral<T>(
  { say, answer }: Lines,
  message: string,
  choices: readonly Choice<T>[],
): Promise<readonly T[]> {
  for (const [index, { name }] of choices.entries()) say(`${index + 1}) ${name}`);
  for (;;) {
    const typed = numbers(await answer(`${message} (numbers, with spaces between) `)) ?? [];
    const chosen = [...new Set(typed)].map((number) => number - 1);
    if (chosen.length > 0 && chosen.every((at) => choices[at] !== undefined)) {
      return chosen.map((at) => valueAt(choices, at));
    }
    say(`> type numbers from 1 to ${choices.length}`);
  }
}

/** A number chooses among the matches shown last; any other text is looked for. */
async function askBySearch<T>(
  { say, answer }: Lines,
  message: string,
  { find, help }: SearchSource<T>,
): Promise<T> {
  say(help);
  let shown: readonly Match<T>[] = [];
  for (;;) {
    const ask =
      shown.length === 0
        ? 'type a text to search, or press enter for the first ones'
        : `1 to ${shown.length}, or another text`;
    const typed = (await answer(`${message} (${ask}) `)).trim();
    const chosen = /^\d{1,6}$/.test(typed) ? shown[Number(typed) - 1] : undefined;
    if (chosen !== undefined) return chosen.value;
    const { matches, hasMore } = await find(typed, async () => false);
    shown = matches;
    if (matches.length === 0) say(`> nothing matches ${quote(typed)}`);
    for (const [index, { name, remarks }] of matches.entries()) {
      say(`${index + 1}) ${[name, ...remarks].join(', ')}`);
    }
    if (hasMore) say('and more: type a text to search');
  }
}

async function askForScopes(
  { say, answer }: Lines,
  message: string,
  groups: readonly ScopeGroup[],
): Promise<readonly ScopeGroup[]> {
  let present = groups;
  for (;;) {
    const items = list(say, present);
    const typed = await answer(
      `${message} (numbers to select or deselect, with spaces between; enter when done) `,
    );
    if (typed.trim() === '') {
      if (present.some(hasSelection)) return present;
      say('> select at least one');
      continue;
    }
    const chosen = numbers(typed);
    if (chosen?.every((number) => items[number - 1] !== undefined) !== true) {
      say(`> type numbers from 1 to ${items.length}`);
      continue;
    }
    for (const number of chosen) {
      const item = items[number - 1];
      present = present.map((group, index) =>
        index === item?.group ? toggled(group, item.permission) : group,
      );
    }
  }
}

/**
 * Prints the groups with their selection.
 *
 * @returns the meaning of each number
 */
function list(
  say: Lines['say'],
  groups: readonly ScopeGroup[],
): readonly { readonly group: number; readonly permission: string | null }[] {
  let number = 0;
  return groups.flatMap((group, index) => {
    say(groupHeading(group));
    const lines = [{ id: '*', title: 'All, also future ones' }, ...group.api.permissions];
    return lines.map(({ id, title }) => {
      number += 1;
      const isSelected = group.isWhole || group.permissions.has(id);
      say(` ${number}) [${isSelected ? 'x' : ' '}] ${title} (${group.api.id}:${id})`);
      return { group: index, permission: id === '*' ? null : id };
    });
  });
}

/** Parses a list of numbers; null when the text contains anything else. */
function numbers(text: string): readonly number[] | null {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  return words.every((word) => /^\d{1,6}$/.test(word)) ? words.map(Number) : null;
}

function linesOf(write: PromptLook['write']): Lines {
  return {
    say: (text) => write(`${safeForTerminal(text)}\n`),
    answer: (question) => interruptible((asking) => readLine(safeForTerminal(question), write, asking)),
  };
}

/** In cooked mode the terminal holds the typed line until Enter, and drops it when the process is stopped. */
function readLine(question: string, write: PromptLook['write'], { input, signal }: Asking): Promise<string> {
  write(question);
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input, terminal: false });
    const stop = (): void => {
      write('\n');
      reject(new DOMException('the question was cancelled', 'AbortError'));
      lines.close();
    };
    signal.addEventListener('abort', stop, { once: true });
    lines.once('line', (line) => {
      signal.removeEventListener('abort', stop);
      resolve(line);
      lines.close();
    });
  });
}
