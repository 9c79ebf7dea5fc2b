import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Session, sessionIn } from '../../support/program/run.js';
import { onTerminal } from '../../support/program/terminal.js';
import { createWorkspace, type Workspace } from '../../support/program/workspace.js';

/** How long ago it is that something was made by these tests. */
const AGO = /just now|\d+ minutes? ago/;

/** RFC 3339. */
const EXACT = /\d{4}-\d{2}-\d{2}T/;

let workspace: Workspace;
let session: Session;

beforeAll(async () => {
  workspace = await createWorkspace();
  session = sessionIn(workspace);
  await session.ok('owner', 'create', 'crm', '--kind', 'service');
  for (let number = 1; number <= 12; number += 1) {
    await session.issue(`crm-${number + 10}`, '--owner', 'crm');
  }
  await session.issue('ci-bot', '--expires-in', '90d', '--scope', 'data:conversations');
  await session.ok('edit', 'ci-bot', '--add-scope', 'events:messages');
});
afterAll(() => workspace.remove());

describe('a time on a terminal', () => {
  it.each(['list', 'owner list', 'audit --action owner.create'])(
    'is relative in %s, and exact in a pipe',
    async (command) => {
      const { text } = await onTerminal(session, `credctl ${command} | cat; credctl ${command}`, {
        columns: 200,
        env: { PAGER: '' },
      });
      const start = text.lastIndexOf(command.startsWith('audit') ? 'SEQ' : 'NAME');
      expect(text.slice(0, start)).toMatch(EXACT);
      expect(text.slice(0, start)).not.toMatch(AGO);
      expect(text.slice(start)).toMatch(AGO);
      expect(text.slice(start)).not.toMatch(EXACT);
    },
  );

  it.each(['show ci-bot', 'owner show crm', 'audit show 1'])('is both in %s', async (command) => {
    const { text } = await onTerminal(session, `credctl ${command}`);
    expect(text).toMatch(/ \d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} UTC \((?:just now|\d+ minutes? ago)\)/);
    expect(text).not.toMatch(EXACT);
    expect(await session.ok(...command.split(' '))).toMatch(EXACT);
  });

  it('may be ahead', async () => {
    const { text } = await onTerminal(session, 'credctl list --search ci-bot');
    expect(text).toMatch(/in 3 months$/m);
  });
});

describe('on a terminal', () => {
  it('list tells scopes by API where they do not fit', async () => {
    const narrow = await onTerminal(session, 'credctl list --search ci-bot', { columns: 80 });
    expect(narrow.text).toMatch(/ data 2\/5 \+1 /);
    const wide = await onTerminal(session, 'credctl list --search ci-bot', { columns: 160 });
    expect(wide.text).toContain('data:conversations, data:users, events:messages');
  });

  it('keeps names whole in 80 columns, and what changed in the trail', async () => {
    const name = 'integrations/crm-sync-2';
    await session.issue(name);
    const list = await onTerminal(session, 'credctl list --search crm-sync', { columns: 80 });
    expect(list.text).toMatch(new RegExp(`^${name} `, 'm'));
    const audit = await onTerminal(session, 'credctl audit --target ci-bot', { columns: 80 });
    expect(audit.text).toMatch(/^SEQ .*CHANGE/m);
    expect(audit.text).toMatch(/^\d+ .*credential\.edit .*scopes/m);
  });

  it('owner show names the first credentials, and says where the others are', async () => {
    const { text } = await onTerminal(session, 'credctl owner show crm');
    expect(text).toMatch(/^credentials: +12$/m);
    expect(text.match(/^crm-\d+/gm)).toHaveLength(10);
    expect(text).toMatch(/^and 2 more: credctl list --owner crm$/m);
    const piped = await session.ok('owner', 'show', 'crm');
    expect(piped.match(/^credential: +crm-\d+, api-key, active, last used never$/gm)).toHaveLength(10);
    expect(piped).toMatch(/^and more: +2: credctl list --owner crm$/m);
  });

  it('store info has its size in words', async () => {
    const { text } = await onTerminal(session, 'credctl store info');
    expect(text).toMatch(/^size: +[\d.]+ [KM]iB$/m);
    expect(await session.ok('store', 'info')).toMatch(/^size: +\d+ bytes$/m);
  });
});

describe('what begins a line is bold where there is colour:', () => {
  const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`;

  it.each([
    ['an error and its hint', 'credctl show nobody', ['credctl:', 'hint:']],
    ['the headings of help', 'credctl list --help', ['Usage:', 'Options:', 'Examples:', 'Exit codes:']],
    ['each failure of several', 'credctl deactivate ci-bot nobody no-one', ['credctl:', 'hint:']],
  ])('%s', async (_, command, words) => {
    const { raw } = await onTerminal(session, command);
    for (const word of words) expect(raw).toContain(bold(word));
    for (const plain of [`${command} --no-color`, `NO_COLOR=1 ${command}`]) {
      expect((await onTerminal(session, plain)).raw).not.toContain('\u001b');
    }
  });

  it('help fits the terminal, exit codes included', async () => {
    const { text } = await onTerminal(session, 'credctl rotate --help | cat; credctl rotate --help', {
      columns: 80,
    });
    const [, , after = ''] = text.split('Exit codes:\n');
    const lines = after.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(8);
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
  });
});
