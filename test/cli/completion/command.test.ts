import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Session, sessionIn } from '../../support/program/run.js';
import { createWorkspace, type Workspace } from '../../support/program/workspace.js';
import { helpTexts } from '../contract/help/help-texts.js';

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

describe.each(['bash', 'zsh', 'fish'])('the script for %s', (shell) => {
  it('has every command and every flag', async () => {
    const script = await session.ok('completion', shell);
    const missing = [...help].flatMap(([words, text]) => {
      const flags = [...text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag = '']) => flag);
      return [words, ...flags].filter((word) => !script.includes(word));
    });
    expect(missing).toEqual([]);
  });
});

describe('the values of a flag', () => {
  it('are those that the command takes', async () => {
    const script = await session.ok('completion', 'bash');
    const found: string[] = [];
    const missing: string[] = [];
    for (const [words, text] of help) {
      for (const [, flag = ''] of text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+) </gm)) {
        if (flag === '--store' || flag === '--reason') continue;
        const { stderr } = await session.run([...words.split(' ').filter(Boolean), flag, '\x01']);
        const [, listed] = /unknown value [^\n]*\n.*choose one of: (.*)/.exec(stderr) ?? [];
        if (listed === undefined) continue;
        found.push(flag);
        if (!script.includes(`:${flag}) source='values:${listed.replaceAll(',', '')}' ;;`)) {
          missing.push(`${words} ${flag}: ${listed}`);
        }
      }
    }
    expect(missing).toEqual([]);
    expect(found.length).toBeGreaterThan(8);
  });
});
