import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Session, sessionIn } from '../../support/program/run.js';
import { createWorkspace, type Workspace } from '../../support/program/workspace.js';
import { examplesIn, helpTexts } from '../contract/help/help-texts.js';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

let workspace: Workspace;
let session: Session;
let help: ReadonlyMap<string, string>;
let markdown = '';
let manual = '';

beforeAll(async () => {
  workspace = await createWorkspace();
  session = sessionIn(workspace);
  help = await helpTexts(session);
  markdown = await readFile(join(PROJECT, 'docs/cli.md'), 'utf8');
  manual = await readFile(join(PROJECT, 'man/credctl.1'), 'utf8');
});
afterAll(() => workspace.remove());

/** What the reference says of one command, by the words of the command. */
function sectionOf(document: 'docs/cli.md' | 'man/credctl.1', words: string): string {
  const [text, heading, end] =
    document === 'docs/cli.md'
      ? [markdown, `\n## credctl ${words}\n`, '\n## ']
      : [manual.replaceAll('\\-', '-').replaceAll('\\(aq', "'"), `\n.SS "credctl ${words}"\n`, '\n.S'];
  const [, after] = text.split(heading);
  return after?.split(end)[0] ?? `no section on ${words}`;
}

function flagsIn(text: string): readonly string[] {
  const [, options = ''] = /\n(?:Options|Global options):\n([\s\S]*)\nExit codes:/.exec(text) ?? [];
  return [...options.matchAll(/^ {2}((?:-\w, )?--[\w-]+(?: <[^>]+>)?)/gm)].map(([, flag = '']) => flag);
}

/** Runs a checker of manual pages; null, with the reason on stderr, where it is not installed. */
async function checked(command: string, ...args: readonly string[]): Promise<string | null> {
  const { failed, code, stderr, exitCode } = await execa(command, args, {
    cwd: PROJECT,
    env: { LC_ALL: 'C.UTF-8', MANWIDTH: '80' },
    reject: false,
  });
  if (code === 'ENOENT') {
    if (process.env['CI'] === 'true') throw new Error(`not installed: ${command}`);
    process.stderr.write(`the manual page is not checked by ${command}: not installed\n`);
    return null;
  }
  return failed ? `exit ${exitCode}: ${stderr}` : stderr;
}

describe('docs/cli.md and man/credctl.1', () => {
  it('are what the command tree says now; else: npm run docs', async () => {
    const { exitCode, stderr } = await execa(process.execPath, ['scripts/docs.mjs', '--check'], {
      cwd: PROJECT,
      reject: false,
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('are the same whoever makes them, wherever and whenever', async () => {
    const { exitCode } = await execa(process.execPath, [join(PROJECT, 'scripts/docs.mjs'), '--check'], {
      cwd: workspace.directory,
      env: { ...workspace.env, TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8', COLUMNS: '40', CREDCTL_STORE: 'x.db' },
      extendEnv: false,
      reject: false,
    });
    expect(exitCode).toBe(0);
    for (const text of [markdown, manual]) {
      expect(text).not.toMatch(/\b20\d\d-\d\d|\/home\/|\/root\b|\/tmp\//);
      expect(text).not.toContain(PROJECT);
    }
  });
});

describe.each(['docs/cli.md', 'man/credctl.1'] as const)('%s', (document) => {
  it('has every command with every flag of its own', () => {
    const global = new Set(flagsIn(help.get('') ?? ''));
    const missing = [...help].flatMap(([words, text]) => {
      if (words === '') return [];
      const section = sectionOf(document, words);
      const flags = flagsIn(text).filter((flag) => !global.has(flag));
      return flags.filter((flag) => !section.includes(flag)).map((flag) => `${words} ${flag}`);
    });
    expect(missing).toEqual([]);
  });

  it('has every example and every exit code of every command', () => {
    const missing = [...help].flatMap(([words, text]) => {
      if (words === '') return [];
      const section = sectionOf(document, words).replaceAll('\\(dq', '"').replaceAll('\\(ti', '~');
      const codes = [...text.matchAll(/^ {2}(\d+) {2}\S/gm)].map(([, code = '']) => code);
      const found =
        document === 'docs/cli.md' ? codes.map((code) => `\n| ${code} | `) : [`status: ${codes.join(', ')}.`];
      return [...examplesIn(text), ...found].filter((part) => !section.includes(part));
    });
    expect(missing).toEqual([]);
    for (const words of help.keys()) {
      if (words !== '') expect(sectionOf(document, words)).not.toMatch(/^no section/);
    }
  });

  it('has the global flags and every environment variable that the program looks at', async () => {
    const text = document === 'docs/cli.md' ? markdown : manual.replaceAll('\\-', '-');
    for (const flag of flagsIn(help.get('') ?? '')) expect(text).toContain(flag);
    expect((await variablesLookedAt()).filter((name) => !text.includes(name))).toEqual([]);
  });
});

describe('the manual page', () => {
  it('is in order for groff', async () => {
    expect((await checked('groff', '-man', '-Tutf8', '-ww', '-z', 'man/credctl.1')) ?? '').toBe('');
  });

  it('is in order for man', async () => {
    expect((await checked('man', '--warnings', '-l', 'man/credctl.1')) ?? '').toBe('');
  });

  it('reads as the command line is written, in ASCII', async () => {
    const { stdout } = await execa('man', ['-l', 'man/credctl.1'], {
      cwd: PROJECT,
      env: { LC_ALL: 'C.UTF-8', MANWIDTH: '200', MAN_KEEP_FORMATTING: '', MANPAGER: 'cat', PAGER: 'cat' },
      reject: false,
    });
    if ((stdout ?? '') === '') return void expect(process.env['CI']).not.toBe('true');
    for (const example of examplesIn(help.get('create') ?? '')) expect(stdout).toContain(example);
    expect(stdout).toContain('--no-input');
  });
});

async function variablesLookedAt(): Promise<readonly string[]> {
  const sources = join(PROJECT, 'src');
  const files = (await readdir(sources, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const texts = await Promise.all(files.map((name) => readFile(join(sources, name), 'utf8')));
  const names = texts.flatMap((text) =>
    [...text.matchAll(/env\['([A-Z_]+)'\]/g)].map(([, name = '']) => name),
  );
  return [...new Set(names)].filter((name) => name !== 'PATH');
}
