import { Command } from 'commander';
import { usageError } from '../../domain/errors.js';
import { didYouMean, nearest } from '../../domain/text/nearest.js';
import { quote } from '../../domain/text/quote.js';
import type { CommandContext } from '../command-context.js';
import { SCRIPTS } from '../completion/scripts.js';
import { SHELLS, type Shell } from '../completion/shells.js';
import { addGlobalOptions, type GlobalOptions, globalOptions } from '../flags/global.js';
import { explain } from '../help.js';
import type { Host } from '../host/host.js';
import { jsonDocument } from '../render/json.js';

/** `credctl completion`. */
export function completionCommand({ host }: CommandContext): Command {
  const command = new Command('completion')
    .summary('print a script for completion in your shell')
    .description(
      'Print a script for your shell. With it, the Tab key completes commands, flags, values, and names from the store.',
    )
    .usage('[options] <shell>')
    .argument('[shell]', SHELLS.join(', '));
  addGlobalOptions(command).action((word: string | undefined) =>
    runCompletion(host, globalOptions(command), toShell(word)),
  );
  return explain(
    command,
    [
      [
        'd=~/.local/share/bash-completion/completions; mkdir -p $d; credctl completion bash > $d/credctl',
        'bash with the package bash-completion; without the package, source the file in ~/.bashrc',
      ],
      [
        'd=~/.zfunc; mkdir -p $d; credctl completion zsh > $d/_credctl',
        'zsh; put fpath=(~/.zfunc $fpath) before compinit in ~/.zshrc',
      ],
      ['d=~/.config/fish/completions; mkdir -p $d; credctl completion fish > $d/credctl.fish', 'fish'],
    ],
    [0, 2],
  );
}

/** Prints the script. */
export function runCompletion(host: Host, globals: GlobalOptions, shell: Shell): void {
  const script = SCRIPTS[shell];
  host.out.write(globals.json ? jsonDocument({ shell, script }) : script);
}

function toShell(word: string | undefined): Shell {
  if (word === undefined)
    throw usageError('completion needs the name of a shell', `choose one of: ${SHELLS.join(', ')}`);
  const shell = SHELLS.find((each) => each === word);
  if (shell !== undefined) return shell;
  throw usageError(`unknown shell ${quote(word)}`, didYouMean(nearest(word, SHELLS), SHELLS));
}
