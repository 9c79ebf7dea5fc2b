import { confirm, input, password } from '@inquirer/prompts';
import { CredctlError } from '../domain/errors.js';

/** Questions to the person at the terminal. Ctrl-C ends the command: `interrupted`. */
export interface Prompts {
  confirm(message: string): Promise<boolean>;
  /** A line of text. */
  line(message: string): Promise<string>;
  /** A line that is not shown while it is typed. */
  hidden(message: string): Promise<string>;
}

/** Prompts on stderr, so that standard output stays the result. */
export function terminalPrompts(): Prompts {
  const context = { output: process.stderr };
  return {
    confirm: (message) => asked(confirm({ message, default: false }, context)),
    line: (message) => asked(input({ message }, context)),
    hidden: (message) => asked(password({ message, mask: false, toggleMask: false }, context)),
  };
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (fault) {
    if (fault instanceof Error && fault.name === 'ExitPromptError') {
      throw new CredctlError('interrupted', 'interrupted; nothing was changed', { cause: fault });
    }
    throw fault;
  }
}
