import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Fence, fencesOf, PAGES } from '../../support/build/page.js';
import { linesOf } from '../../support/build/shown.js';
import { asWithBetter } from '../../support/build/sqlite-under-test.js';
import { PROJECT } from '../../support/program/real-program.js';
import { openSession, type Session } from '../../support/program/run.js';
import { onTerminal } from '../../support/program/terminal.js';
import { freePort } from '../../support/servers/free-port.js';
import { CHECKED_ELSEWHERE } from './checked-elsewhere.js';

/** The commands of a session with what each prints on a terminal. */
function stepsOf(fence: Fence): readonly (readonly [command: string, printed: string])[] {
  const [, ...steps] = `\n${fence.text}`.split(/\n\$ /);
  return steps.map((step) => {
    const [command = '', ...printed] = step.split('\n');
    return [command, printed.join('\n')];
  });
}

/** Runs a block of shell in which a server may be left in the background. */
async function runScript(session: Session, text: string): Promise<void> {
  const ending = `ended=$?; [ -z "$!" ] || kill "$!"; wait; exit $ended`;
  const script = `set -e\ntrap '${ending}' EXIT\n${text}`;
  const { exitCode, stderr } = await session.sh(script);
  expect(exitCode, `${text}\n${stderr}`).toBe(0);
}

async function playSession(session: Session, fence: Fence, before: string): Promise<void> {
  for (const [command, printed] of stepsOf(fence)) {
    const { text } = await onTerminal(session, before + command, { columns: 120 });
    expect(linesOf(asWithBetter(text)), command).toEqual(linesOf(printed));
  }
}

function isElsewhere(page: string, { title, language }: Fence): boolean {
  const blocks = CHECKED_ELSEWHERE[page] ?? {};
  return title in blocks || language in blocks;
}

const WEB_SHOP = 'credctl create web-shop --type api-key --scope data:users --output found.key';

/** What is there before the reader begins, and would be in the way on the page. */
const BEFORE: Readonly<Record<string, string>> = {
  'docs/leaked-key.md': `${WEB_SHOP}
printf 'In our wiki is a %s\\n' "$(cat found.key)" > mail.txt
git init -q shop && cp found.key shop && git -C shop add found.key
git -C shop -c user.name=ada -c user.email=ada@example.com commit -q -m 'settings'`,
  'docs/leaks.md': `${WEB_SHOP}
mkdir code && printf 'port: 80\\nkey: %s\\n' "$(cat found.key)" > code/settings.yaml`,
};

describe('the commands of a page work, one after the other, and print what it shows:', () => {
  const withCommands = PAGES.filter((page) => fencesOf(page).some((fence) => !isElsewhere(page, fence)));

  it.each(withCommands)('%s', async (page) => {
    const session = await openSession();
    const before = BEFORE[page];
    if (before !== undefined) await runScript(session, before);
    const port = String(await freePort());
    // A reader has one shell for all blocks: what a block exports is set in those after it.
    let exported = '';
    for (const fence of fencesOf(page)) {
      if (isElsewhere(page, fence)) continue;
      const placed = { ...fence, text: fence.text.replaceAll('8080', port) };
      if (fence.language === 'console') await playSession(session, placed, exported);
      else if (fence.language === 'sh') await runScript(session, exported + placed.text);
      else expect.fail(`${page}: no test checks ${fence.title}`);
      exported += (placed.text.match(/^export [^#\n]+/gm) ?? []).map((line) => `${line}; `).join('');
    }
  });
});

describe('what is checked elsewhere', () => {
  const entries = Object.entries(CHECKED_ELSEWHERE);

  it.each(entries)('is there: %s', (page, blocks) => {
    const names = fencesOf(page).flatMap(({ title, language }) => [title, language]);
    expect(Object.keys(blocks).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('is checked by tests that there are', () => {
    const tests = entries.flatMap(([, blocks]) =>
      Object.values(blocks).map((how) => how.split(':')[0] ?? ''),
    );
    expect(tests.filter((test) => !existsSync(join(PROJECT, test)))).toEqual([]);
  });
});
