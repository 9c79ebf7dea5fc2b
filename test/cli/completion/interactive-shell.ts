import { readFile, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { expect, onTestFinished, vi } from 'vitest';
import { SHELLS, type Shell } from '../../../src/cli/completion/shells.js';
import type { Session } from '../../support/program/run.js';
import { openTerminal, type Terminal } from '../../support/program/terminal.js';

/** A shell that has loaded its completion script. `credctl` is a function there, which writes its arguments down. */
export interface InteractiveShell {
  /** The words that are offered for the last word of the line. */
  candidates(line: string): Promise<readonly string[]>;
  /** The arguments that credctl gets when a line is typed, completed by Tab and entered. */
  entered(line: string): Promise<readonly string[]>;
  /** The same, but null when Tab does not change the line. */
  enteredIfChanged(line: string): Promise<readonly string[] | null>;
  /** Types a line and Tab, and throws it away. */
  abandoned(line: string): Promise<void>;
}

/** Where the shell writes down what it offers, and what credctl was called with; every word ended by a NUL. */
const OFFERED = 'offered';
const CALLED = 'called';

const BUFFER = 'buffer';

/** Ends a list of words. */
const END = '\x01';

/** The key that makes the shell write down the line as it stands. */
const DUMP = '\x14';

const START: Readonly<Record<Shell, string>> = {
  bash: 'bash --noprofile --rcfile rc -i',
  zsh: 'ZDOTDIR=$PWD/zsh zsh -i',
  fish: 'fish --private --no-config --init-command "source ./rc"',
};

const SETTINGS: Readonly<Record<Shell, string>> = {
  bash: `PS1='ready> '
unset HISTFILE
source ./script
credctl() { printf '%s\\0' "$@" '${END}' >> ${CALLED}; }
_probe() {
  _credctl "$@"
  printf '%s\\0' "$2" \${COMPREPLY[@]+"\${COMPREPLY[@]}"} '${END}' >> ${OFFERED}
}
complete -F _probe credctl
_dump() { printf '%s\\0' "$READLINE_LINE" '${END}' >> ${BUFFER}; }
bind -x '"\\C-t": _dump'
`,
  zsh: `PS1='ready> '
autoload -Uz compinit && compinit -u -D
source ./script
credctl() { printf '%s\\0' "$@" '${END}' >> ${CALLED} }
compadd() {
  local -a probed
  if [[ " $* " != *" -"[ODA]" "* ]]; then
    builtin compadd -O probed "$@"
    (( $#probed )) && printf '%s\\0' "\${(@)probed}" >> ${OFFERED}
  fi
  builtin compadd "$@"
}
# By default Tab also expands what was typed.
bindkey '^I' complete-word
_probe() {
  _credctl "$@"
  local status_=$?
  printf '%s\\0' '${END}' >> ${OFFERED}
  return status_
}
compdef _probe credctl
_dump() { printf '%s\\0' "$BUFFER" '${END}' >> ${BUFFER} }
zle -N _dump && bindkey '^T' _dump
`,
  fish: `source ./script
function fish_prompt; printf 'ready> '; end
function _dump; printf '%s\\0' (commandline) '${END}' >> ${BUFFER}; end
bind \\ct _dump
function credctl; printf '%s\\0' $argv '${END}' >> ${CALLED}; end
`,
};

/** Opens a shell in the workspace of the session, with settings that its user could have made. */
export async function openShell(shell: Shell, session: Session, settings = ''): Promise<InteractiveShell> {
  const { workspace } = session;
  await workspace.write('script', await session.ok('completion', shell));
  await workspace.write('rc', `${SETTINGS[shell]}${settings}\n`);
  await session.sh('mkdir -p zsh && cp rc zsh/.zshrc');
  let terminal: Terminal | null = null;
  const atPrompt = async (): Promise<Terminal> => {
    if (terminal !== null) return terminal;
    terminal = openTerminal(session, START[shell], { columns: 200 });
    onTestFinished(() => leave(terminal));
    await terminal.waitFor('ready> ');
    return terminal;
  };
  const typed = async (keys: string, file: string): Promise<readonly string[]> => {
    const there = await atPrompt();
    await writeFile(workspace.path(file), '');
    there.type(keys);
    const words = await vi.waitFor(
      async () => {
        const text = await readFile(workspace.path(file), 'utf8');
        expect(text).toContain(END);
        return text.split('\0');
      },
      { timeout: 20_000, interval: 20 },
    );
    return words.slice(0, words.indexOf(END));
  };
  return {
    async candidates(line) {
      if (shell === 'fish') return candidatesOfFish(session, line);
      const words = await typed(`${line}\t`, OFFERED);
      (await atPrompt()).type('\x15');
      const offered = shell === 'bash' ? afterKept(line, words) : afterEqualsSign(line, words);
      return [...new Set(offered)].toSorted();
    },
    entered: (line) => typed(`${line}\t\r`, CALLED),
    async enteredIfChanged(line) {
      const [now = ''] = await typed(`${line}\t${DUMP}`, BUFFER);
      if (now !== line) return typed('\r', CALLED);
      (await atPrompt()).type('\x15');
      return null;
    },
    async abandoned(line) {
      await typed(`${line}\t\x15credctl\r`, CALLED);
    },
  };
}

/** Ends the shell, so that it writes no more into the workspace. */
async function leave(terminal: Terminal | null): Promise<void> {
  terminal?.type('\x03\x03exit\r');
  await Promise.race([terminal?.finished(), new Promise((resolve) => setTimeout(resolve, 3_000))]);
}

/** What bash replaces is only the end of the word; the rest is kept. */
function afterKept(line: string, [replaced = '', ...replies]: readonly string[]): readonly string[] {
  const word = lastWord(line);
  const kept = word.slice(0, word.length - replaced.length);
  return replies.map((reply) => `${kept}${reply}`);
}

/** What zsh completes of `--flag=value` is only the value. */
function afterEqualsSign(line: string, words: readonly string[]): readonly string[] {
  const [kept = ''] = /^--[^=]*=/.exec(lastWord(line)) ?? [];
  return words.map((word) => `${kept}${word}`);
}

function lastWord(line: string): string {
  return line.split(' ').at(-1) ?? '';
}

async function candidatesOfFish({ workspace }: Session, line: string): Promise<readonly string[]> {
  const { stdout } = await execa(
    'fish',
    ['--no-config', '-c', 'source ./script; complete -C $argv[1]', line],
    {
      cwd: workspace.directory,
      env: workspace.env,
      extendEnv: false,
    },
  );
  const words = stdout.split('\n').map((text) => text.replace(/\t.*/, ''));
  return words.filter((word) => word !== '').toSorted();
}

/** The shells whose programs are on this machine; in CI all of them have to be. */
export async function shellsHere(): Promise<readonly Shell[]> {
  const found = await Promise.all(
    SHELLS.map(async (shell) => {
      const { failed } = await execa(shell, ['-c', ':'], { reject: false });
      return { shell, isHere: !failed };
    }),
  );
  const missing = found.filter(({ isHere }) => !isHere).map(({ shell }) => shell);
  if (missing.length > 0) {
    if (process.env['CI'] === 'true') throw new Error(`not installed: ${missing.join(', ')}`);
    process.stderr.write(`completion is not tested in ${missing.join(' and ')}: not installed\n`);
  }
  return found.filter(({ isHere }) => isHere).map(({ shell }) => shell);
}
