import { describe, expect, it } from 'vitest';
import { latestOnly } from '../../../src/cli/prompts/search/latest-only.js';
import { matchLines } from '../../../src/cli/prompts/search/match-lines.js';

const MATCHES = [
  { value: 1, name: 'bot', remarks: ['active', 'used 3 days ago'] },
  { value: 2, name: 'a-longer-name-of-a-bot', remarks: ['inactive', 'never used'] },
];

/** The rows as one text. */
function rows(width: number): readonly string[] {
  return matchLines(MATCHES, width).map(({ name, remarks }) => `${name}${remarks.join('')}`);
}

describe('the rows of a search', () => {
  it('are aligned', () => {
    expect(rows(80)).toEqual([
      'bot                     active    used 3 days ago',
      'a-longer-name-of-a-bot  inactive  never used',
    ]);
  });

  it('cut long names first, then leave out the last columns', () => {
    expect(rows(45)).toEqual([
      'bot                 active    used 3 days ago',
      'a-lon…ame-of-a-bot  inactive  never used',
    ]);
    expect(rows(30)).toEqual(['bot                   active', 'a-long…name-of-a-bot  inactive']);
    expect(rows(12)).toEqual(['bot', 'a-l…of-a-bot']);
  });

  it.each([1, 12, 16, 30, 45, 49, 80])('never take more than %i columns', (width) => {
    for (const row of rows(width)) expect([...row].length).toBeLessThanOrEqual(width);
  });

  it('tell long names apart by their ends', () => {
    const start = 'a-name-that-is-longer-than-any-row';
    const [one, other] = matchLines(
      ['prod', 'test'].map((end) => ({ value: end, name: `${start}-${end}`, remarks: [] })),
      20,
    );
    expect(one?.name).not.toBe(other?.name);
  });

  it('show nothing that acts on a terminal', () => {
    const [row] = matchLines([{ value: 1, name: 'a\u001b[2Jb', remarks: ['x\u0007'] }], 80);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none must be left
    expect(`${row?.name}${row?.remarks.join('')}`).not.toMatch(/[\u0000-\u001f]/);
  });
});

describe('one search at a time', () => {
  /** A search whose answers are given by hand. */
  function opened() {
    const started: { readonly text: string; readonly end: (fault?: Error) => void }[] = [];
    const heard: string[] = [];
    const ask = latestOnly<string>(
      (text) =>
        new Promise((resolve, reject) => {
          started.push({
            text,
            end: (fault) => (fault === undefined ? resolve(`of ${text}`) : reject(fault)),
          });
        }),
      {
        found: (text, result) => heard.push(`${text}: ${result}`),
        failed: (fault) => heard.push(String(fault)),
      },
    );
    const texts = () => started.map(({ text }) => text);
    const turns = async () => {
      for (let turn = 0; turn < 6; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    return { started, heard, ask, texts, turns };
  }

  it('looks for what was typed last alone', async () => {
    const { started, heard, ask, texts, turns } = opened();
    for (const text of ['a', 'ab', 'abc']) ask(text);
    await turns();
    expect(texts()).toEqual(['abc']);
    ask('abcd');
    ask('abcde');
    await turns();
    expect(texts(), 'the first is still at it').toEqual(['abc']);
    started[0]?.end();
    await turns();
    expect(heard, 'nobody waits for it any more').toEqual([]);
    expect(texts()).toEqual(['abc', 'abcde']);
    started[1]?.end();
    await turns();
    expect(heard).toEqual(['abcde: of abcde']);
    ask('abcde');
    await turns();
    expect(texts()).toHaveLength(3);
  });

  it('tells a search that it is stale', async () => {
    const stale: boolean[] = [];
    const ask = latestOnly<void>(
      async (text, isStale) => {
        if (text === 'a') ask('b');
        stale.push(await isStale());
      },
      { found: () => {}, failed: () => {} },
    );
    ask('a');
    await opened().turns();
    await opened().turns();
    expect(stale).toEqual([true, false]);
  });

  it('says that it failed, and can be asked again', async () => {
    const { started, heard, ask, turns } = opened();
    ask('a');
    await turns();
    started[0]?.end(new Error('gone'));
    await turns();
    expect(heard).toEqual(['Error: gone']);
    ask('b');
    await turns();
    started[1]?.end();
    await turns();
    expect(heard).toEqual(['Error: gone', 'b: of b']);
  });
});
