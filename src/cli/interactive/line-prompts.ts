import { createInterface } from 'node:readline';
import { safeForTerminal } from '../../domain/safe-text.js';
import type { Choice, LineOptions, Prompts } from '../prompts.js';
import { interruptible } from './interruption.js';
import { groupHeading, hasSelection, type ScopeGroup, toggled } from './scope-groups.js';
import { screenPrompts, valueAt } from './screen-prompts.js';

/**
 * Questions on a terminal that only adds lines, such as one of type `dumb`: answers are typed in full, choices are
 * numbered, and nothing that was printed changes.
 */
export function linePrompts(): Prompts {
  return {
    confirm: async (message) => /^y(?:es)?$/i.test((await answer(`${message} (y/N) `)).trim()),
    line: askForLine,
    hidden: (message) => screenPrompts({ color: false }).hidden(message),
    choose: askForChoice,
    chooseScopes: askForScopes,
  };
}

async function askForLine(message: string, { initial, check, accept }: LineOptions = {}): Promise<string> {
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

async function askForChoice<T>(message: string, choices: readonly Choice<T>[], initial?: T): Promise<T> {
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

async function askForScopes(message: string, groups: readonly ScopeGroup[]): Promise<readonly ScopeGroup[]> {
  let present = groups;
  for (;;) {
    const items = list(present);
    const typed = await answer(`${message} (numbers to switch, with spaces between; nothing more: enter) `);
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

/** Prints the groups with what is selected, and answers with what each number stands for. */
function list(
  groups: readonly ScopeGroup[],
): readonly { readonly group: number; readonly permission: string | null }[] {
  let number = 0;
  return groups.flatMap((group, index) => {
    say(groupHeading(group));
    const lines = [{ id: '*', title: 'All, later ones included' }, ...group.api.permissions];
    return lines.map(({ id, title }) => {
      number += 1;
      const isSelected = group.isWhole || group.permissions.has(id);
      say(` ${number}) [${isSelected ? 'x' : ' '}] ${title} (${group.api.id}:${id})`);
      return { group: index, permission: id === '*' ? null : id };
    });
  });
}

/** The numbers in a text, null when there is anything else in it. */
function numbers(text: string): readonly number[] | null {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  return words.every((word) => /^\d{1,6}$/.test(word)) ? words.map(Number) : null;
}

function say(text: string): void {
  process.stderr.write(`${safeForTerminal(text)}\n`);
}

function answer(question: string): Promise<string> {
  process.stderr.write(safeForTerminal(question));
  return interruptible(
    (signal) =>
      new Promise((resolve, reject) => {
        const lines = createInterface({ input: process.stdin, terminal: false });
        const stop = (): void => {
          process.stderr.write('\n');
          reject(new DOMException('the question was called off', 'AbortError'));
          lines.close();
        };
        signal.addEventListener('abort', stop, { once: true });
        lines.once('line', (line) => {
          signal.removeEventListener('abort', stop);
          resolve(line);
          lines.close();
        });
      }),
  );
}
