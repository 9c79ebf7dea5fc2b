import { describe, expect, it } from 'vitest';
import { progressLine } from '../../../src/system/copy-progress.js';
import { openSession, type Session } from '../../support/program/run.js';
import { onTerminal } from '../../support/program/terminal.js';

/** A command with delayed calls of some kind, so that it lasts beyond the threshold of the progress line. */
function slowly(call: string, delay: number, command: string): string {
  const inject = `inject=${call}:delay_enter=${delay * 1_000}`;
  return `strace -f --seccomp-bpf -qq -o /dev/null -e trace=${call} -e ${inject} credctl ${command}`;
}

async function withStore(): Promise<Session> {
  const session = await openSession();
  await session.issue('ci-bot');
  return session;
}

const SYNC = "'/^f(data)?sync$'";

describe('long work on a store', () => {
  it.each([
    ['a copy', slowly(SYNC, 100, 'store copy --to copy.db'), 'copying [#'],
    ['a backup', slowly('pwrite64', 60, 'store backup b.db'), 'copying ['],
    ['a check', slowly('pread64', 60, 'store check'), 'checking: 1 s'],
  ])('shows on a terminal how far it has come, and removes that again: %s', async (_what, command, bar) => {
    const session = await withStore();
    const { exitCode, raw, text } = await onTerminal(session, command);
    expect(exitCode, text).toBe(0);
    expect(text).toContain(bar);
    expect(raw.lastIndexOf('\r\x1b[K')).toBeGreaterThan(raw.lastIndexOf(bar));
  });

  it('shows nothing with -q, with --json, or in a pipe', async () => {
    const session = await withStore();
    const copy = (to: string) => slowly(SYNC, 100, `store copy --to ${to}`);
    const [quiet, json, piped] = await Promise.all([
      onTerminal(session, `${copy('a.db')} -q`),
      onTerminal(session, `${copy('b.db')} --json`),
      session.sh(copy('c.db')),
    ]);
    expect(quiet.raw).toBe('');
    expect(json.raw).toMatch(/^\{"schema_version":1,"copy":[^\r]*\r\n$/);
    expect(piped).toMatchObject({ exitCode: 0, stdout: '' });
    expect(piped.stderr).toMatch(/^copied [^\r]*\nthe copy is [^\r]*\n$/);
  });
});

describe('the line of progress', () => {
  it.each([
    [0, 'copying [------------------------] 0 %'],
    [0.335, 'copying [#######-----------------] 33 %'],
    // Only what comes after it tells that all is done.
    [1, 'copying [#######################-] 99 %'],
    [null, 'copying: 12 s'],
  ])('of %s is %s', (share, line) => {
    expect(progressLine('copying', share, 12.7)).toBe(line);
  });
});
