import { describe, expect, it } from 'vitest';
import { type Fence, fencesOf, PAGES } from '../support/build/page.js';
import { openSession, type Session } from '../support/program/run.js';
import { onTerminal } from '../support/program/terminal.js';
import { freePort } from '../support/servers/free-port.js';
import { CHECKED_ELSEWHERE } from './checked-elsewhere.js';
import { linesOf } from './shown.js';

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

async function playSession(session: Session, fence: Fence): Promise<void> {
  for (const [command, printed] of stepsOf(fence)) {
    const { text } = await onTerminal(session, command, { columns: 120 });
    expect(linesOf(text), command).toEqual(linesOf(printed));
  }
}

const isElsewhere = (page: string, { title }: Fence): boolean => title in (CHECKED_ELSEWHERE[page] ?? {});

describe.concurrent('the commands of a page work, one after the other, and print what it shows:', () => {
  const withCommands = PAGES.filter((page) => fencesOf(page).some((fence) => !isElsewhere(page, fence)));

  it.for(withCommands)('%s', async (page) => {
    const session = await openSession();
    const port = String(await freePort());
    for (const fence of fencesOf(page)) {
      if (isElsewhere(page, fence)) continue;
      const placed = { ...fence, text: fence.text.replaceAll('8080', port) };
      if (fence.language === 'console') await playSession(session, placed);
      else if (fence.language === 'sh') await runScript(session, placed.text);
      else expect.fail(`${page}: no test checks ${fence.title}`);
    }
  });
});

describe('what is checked elsewhere', () => {
  it('is there', () => {
    for (const [page, blocks] of Object.entries(CHECKED_ELSEWHERE)) {
      const titles = fencesOf(page).map(({ title }) => title);
      for (const title of Object.keys(blocks)) expect(titles, page).toContain(title);
    }
  });
});
