import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Session, sessionIn } from '../../support/program/run.js';
import { onTerminal } from '../../support/program/terminal.js';
import { createWorkspace, type Workspace } from '../../support/program/workspace.js';

let workspace: Workspace;
let session: Session;

beforeAll(async () => {
  workspace = await createWorkspace();
  session = sessionIn(workspace);
  await session.ok('owner', 'create', 'customer-relations', '--kind', 'service');
  await session.issue('ci-bot', '--owner', 'customer-relations', '--expires-in', '90d');
  const scopes = ['conversations', 'interactions', 'plugin-calls', 'users'].flatMap((name) => [
    '--scope',
    `data:${name}`,
  ]);
  await session.ok(
    'create',
    `team/${'long-name-'.repeat(8)}end`,
    ...scopes,
    '-q',
    '--reason',
    '日本語の理由 🙂 '.repeat(9),
  );
});
afterAll(() => workspace.remove());

/** How many columns a line takes on a terminal, for the characters that are used here. */
function columnsOf(line: string): number {
  return [...line].reduce(
    (sum, character) => sum + (/[\u3000-\u9fff\u{1f300}-\u{1faff}]/u.test(character) ? 2 : 1),
    0,
  );
}

describe.each([40, 80, 200])('on a terminal of %i columns', (columns) => {
  it.each(['list', 'owner list', 'audit', 'catalog presets'])('the table of %s fits', async (command) => {
    const { exitCode, text } = await onTerminal(session, `credctl ${command}`, { columns });
    expect(exitCode).toBe(0);
    const lines = text.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(columnsOf(line), line).toBeLessThanOrEqual(columns);
    expect(text).not.toContain('\t');
  });

  it('list shows the names at least', async () => {
    const { text } = await onTerminal(session, 'credctl list', { columns });
    expect(text).toMatch(/^NAME/);
    expect(text).toMatch(/^ci-bot/m);
    expect(text).toMatch(/^team\/lon/m);
  });
});

describe('a table', () => {
  it('is tabs or commas on a terminal, too, where that is asked for', async () => {
    const tabs = await onTerminal(session, 'credctl list --format tsv', { columns: 300 });
    expect(tabs.text).toMatch(/^NAME\s+TYPE\s+STATUS\s+SCOPES\s+OWNER\s+CREATED\s+LAST_USED\s+EXPIRES/);
    const commas = await onTerminal(session, 'credctl owner list --format csv', { columns: 300 });
    expect(commas.text).toMatch(/^NAME,KIND,STATUS,CREDENTIALS,CREATED\r?\n/);
  });

  it('says more where there is more room', async () => {
    const narrow = await onTerminal(session, 'credctl list', { columns: 40 });
    const wide = await onTerminal(session, 'credctl list', { columns: 200 });
    expect(narrow.text.split('\n')[0]?.trim().split(/ {2,}/).length).toBeLessThan(8);
    expect(wide.text.split('\n')[0]?.trim().split(/ {2,}/)).toEqual([
      ...['NAME', 'TYPE', 'STATUS', 'SCOPES', 'OWNER', 'CREATED', 'LAST USED', 'EXPIRES'],
    ]);
    expect(wide.text).toContain('never');
  });

  it('marks what it cuts', async () => {
    const { text } = await onTerminal(session, 'credctl list', { columns: 40 });
    expect(text).toMatch(/^team\/lon\S*…\S*end/m);
  });

  it('is what a person gets; a pipe gets tabs, and JSON is JSON everywhere', async () => {
    const piped = await onTerminal(session, 'credctl list | cat', { columns: 40 });
    expect(piped.text).toBe(await session.ok('list'));
    const json = await onTerminal(session, 'credctl list --json', { columns: 40 });
    expect(json.text).toBe(await session.ok('list', '--json'));
  });

  it('of nothing says that the filters are the reason', async () => {
    const { text, exitCode } = await onTerminal(session, 'credctl list --search nothing-like-it');
    expect(exitCode).toBe(0);
    expect(text.trim()).toBe('no credential matches (2 in the store)');
  });
});

describe('colour', () => {
  /** SGR parameters (ECMA-48 §8.3.117). */
  const [DIM, RED, GREEN, YELLOW] = ['2', '31', '32', '33'];
  const SGR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`);

  it.each([
    ['a terminal', '', {}, true],
    ['NO_COLOR', '', { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR, which says nothing', '', { NO_COLOR: '' }, true],
    ['--no-color', '--no-color', {}, false],
    ['--no-color before FORCE_COLOR', '--no-color', { FORCE_COLOR: '1' }, false],
    ['NO_COLOR before FORCE_COLOR', '', { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['FORCE_COLOR=0 before the terminal', '', { FORCE_COLOR: '0' }, false],
    ['a terminal without colours', '', { TERM: 'dumb' }, false],
    ['FORCE_COLOR before what the terminal can', '', { TERM: 'dumb', FORCE_COLOR: '1' }, true],
  ])('%s', async (_, flag, env, coloured) => {
    const { raw } = await onTerminal(session, `credctl list ${flag}`, { env });
    expect(SGR.test(raw)).toBe(coloured);
  });

  describe('of a status', () => {
    let stopped: Session;
    let place: Workspace;
    beforeAll(async () => {
      place = await createWorkspace();
      stopped = sessionIn(place);
      await stopped.ok('owner', 'create', 'crm', '--kind', 'service');
      await stopped.issue('working');
      await stopped.issue('ended', '--expires-in', '1s');
      await stopped.issue('off');
      await stopped.issue('owned', '--owner', 'crm');
      await stopped.ok('deactivate', 'off');
      await stopped.ok('owner', 'deactivate', 'crm');
      await stopped.sh('sleep 1.1');
    });

    afterAll(() => place.remove());

    const painted = (raw: string, text: string) =>
      new RegExp(`${String.fromCharCode(27)}\\[(\\d+)m${text} *${String.fromCharCode(27)}`).exec(raw)?.[1];

    it('tells what works, what is stopped and what has expired apart', async () => {
      const { raw } = await onTerminal(stopped, 'credctl list', { columns: 120 });
      const colours = ['active', 'inactive', 'owner_inactive', 'expired'].map((text) => painted(raw, text));
      expect(colours).toEqual([GREEN, DIM, DIM, RED]);
    });

    it('is that of owners as well', async () => {
      const { raw } = await onTerminal(stopped, 'credctl owner list');
      expect(painted(raw, 'inactive')).toBe(DIM);
    });

    it('is that of versions as well', async () => {
      await stopped.ok('rotate', 'working', '--output', 'second.key');
      const { raw } = await onTerminal(stopped, 'credctl show working');
      expect(['active', 'current', 'retiring'].map((text) => painted(raw, text))).toEqual([
        GREEN,
        GREEN,
        YELLOW,
      ]);
    });

    it('is that of the owner of a credential as well', async () => {
      const { raw } = await onTerminal(stopped, 'credctl show owned');
      expect(['owner_inactive', 'inactive'].map((text) => painted(raw, text))).toEqual([DIM, DIM]);
    });

    it.each([40, 60, 80])('is never cut, on %i columns', async (columns) => {
      const { text } = await onTerminal(stopped, 'credctl list', { columns });
      expect(text).toMatch(/^owned .*owner_inactive/m);
      for (const line of text.trimEnd().split('\n'))
        expect(columnsOf(line), line).toBeLessThanOrEqual(columns);
    });
  });

  it('is decided for each stream: none in a pipe, whatever stderr is', async () => {
    const { raw } = await onTerminal(session, 'credctl list | cat');
    expect(raw).not.toMatch(SGR);
    expect(await session.ok('list')).not.toMatch(SGR);
  });
});
