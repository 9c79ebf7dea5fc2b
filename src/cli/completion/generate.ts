import type { Command } from 'commander';
import { bashScript } from './bash.js';
import { fishScript } from './fish.js';
import { type CommandLine, commandLineOf } from './places.js';
import type { Shell } from './shells.js';
import { zshScript } from './zsh.js';

const GENERATORS: Readonly<Record<Shell, (commandLine: CommandLine) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** The script that teaches a shell the whole command tree. */
export function completionScript(shell: Shell, program: Command): string {
  return GENERATORS[shell](commandLineOf(program));
}
