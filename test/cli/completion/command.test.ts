import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PROJECT } from '../../support/program/real-program.js';
import { type Session, sessionIn } from '../../support/program/run.js';
import { openTerminal } from '../../support/program/terminal.js';
import { createWorkspace, type Workspace } from '../../support/program/workspace.js';
import { runCaptured } from '../captured-host.js';
import { helpTexts, subcommandsIn } from '../contract/help/help-texts.js';

let workspace: Workspace;
let session: Session;
let help: ReadonlyMap<string, string>;

beforeAll(async () => {
  workspace = await createWorkspace();
  session = sessionIn(workspace);
  help = await helpTexts(session);
});
afterAll(() => workspace.remove());

describe('credctl completion', () => {
  it('needs a shell, and names the nearest', async () => {
    expect(await session.refused(2, ['completion'])).toMatchObject({
      hint: 'choose one of: bash, zsh, fish',
    });
    const { message, hint } = await session.refused(2, ['completion', 'bsh']);
    expect(message).toBe('unknown shell "bsh"');
    expect(hint).toBe('did you mean bash? valid: bash, zsh, fish');
    await session.refused(2, ['completion', 'bash', 'zsh']);
  });

  it('prints the script, or a document with it', async () => {
    const shape = z.strictObject({
      schema_version: z.literal(1),
      shell: z.literal('zsh'),
      script: z.string(),
    });
    const { script } = await session.json(shape, 'completion', 'zsh');
    expect(script).toBe(await session.ok('completion', 'zsh'));
    expect(script.split('\n')[0]).toBe('#compdef credctl');
  });

  it('opens no store', async () => {
    await session.ok('completion', 'bash', '--store', 'no/such.db');
  });

  it('shows in help how each shell is taught, and not how candidates are found', async () => {
    const text = help.get('completion') ?? '';
    for (const shell of ['bash', 'zsh', 'fish'])
      expect(text).toMatch(new RegExp(`^  \\$ .*completion ${shell}`, 'm'));
    expect(text).not.toContain('candidates');
  });
});

/** What is offered after the words, without what it means. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await runCaptured(workspace, ['__complete', '--', ...words], '');
  return stdout.split('\n').map((line) => line.replace(/\t.*/, ''));
}

describe('what is offered', () => {
  it('is every command and every flag that help shows', async () => {
    for (const [words, text] of help) {
      const before = words.split(' ').filter(Boolean);
      const flags = [...text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag = '']) => flag);
      expect(await offered(...before, '-'), words).toEqual(expect.arrayContaining(flags));
      const commands = subcommandsIn(text);
      if (commands.length > 0) expect(await offered(...before, '')).toEqual([...commands, ':command', '']);
    }
  });

  it('are those values of a flag that the command takes', async () => {
    const found: string[] = [];
    for (const [words, text] of help) {
      for (const [, flag = ''] of text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+) </gm)) {
        if (flag === '--store' || flag === '--reason') continue;
        const before = words.split(' ').filter(Boolean);
        const { stderr } = await runCaptured(workspace, [...before, flag, '\x01'], '');
        const [, listed] = /unknown value [^\n]*\n.*choose one of: (.*)/.exec(stderr) ?? [];
        if (listed === undefined) continue;
        found.push(flag);
        expect(await offered(...before, flag, ''), `${words} ${flag}`).toEqual([
          ...listed.split(', '),
          ':value',
          '',
        ]);
      }
    }
    expect(found.length).toBeGreaterThan(8);
  });
});

describe('credctl __complete', () => {
  it('shows nowhere', async () => {
    const pages = ['docs/cli.md', 'man/credctl.1'].map((path) => readFileSync(join(PROJECT, path), 'utf8'));
    for (const text of [...help.values(), ...pages]) expect(text).not.toMatch(/_complete|\\_complete/);
    for (const word of ['__complet', '_complete', '__completee', 'complete']) {
      expect((await session.refused(2, [word])).hint).not.toContain('__complete');
    }
  });

  it('does nothing where it is typed by hand', async () => {
    for (const line of ['credctl __complete', 'credctl __complete bash', 'credctl __complete --help']) {
      expect(await openTerminal(session, line).finished()).toMatchObject({ exitCode: 0, raw: '' });
    }
  });
});
