import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { openTerminal } from '../../support/program/terminal.js';
import { shellsHere } from './interactive-shell.js';

/** Settings that load the script, and leave only the system's programs to be found. */
const SETTINGS = {
  bash: "PS1='ready> '\nunset HISTFILE\nsource ./script\nPATH=/usr/bin:/bin\n",
  zsh: "PS1='ready> '\nautoload -Uz compinit && compinit -u -D\nsource ./script\nPATH=/usr/bin:/bin\n",
  fish: "source ./script\nfunction fish_prompt; printf 'ready> '; end\nset PATH /usr/bin /bin\n",
} as const;

const START = {
  bash: 'bash --noprofile --rcfile rc -i',
  zsh: 'ZDOTDIR=$PWD zsh -i',
  fish: 'fish --private --no-config --init-command "source ./rc"',
} as const;

describe.each(await shellsHere())('in %s', (shell) => {
  it('Tab says nothing where credctl is not on the path, and offers nothing', async () => {
    const session = await openSession();
    await session.workspace.write('script', await session.ok('completion', shell));
    for (const name of ['rc', '.zshrc']) await session.workspace.write(name, SETTINGS[shell]);
    const terminal = openTerminal(session, START[shell], { columns: 200 });
    await terminal.waitFor('ready> ');
    terminal.type('credctl \t\t\x15echo Tab-was-pressed | tr T t\r');
    await terminal.waitFor('tab-was-pressed');
    terminal.type('exit\r');
    const { text } = await terminal.finished();
    expect(text).not.toMatch(/unknown|not found|__complete|__credctl|script/i);
  });
});
