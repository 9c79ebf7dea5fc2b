import { Command } from 'commander';
import type { CommandContext } from '../../../src/cli/command-context.js';
import type { Output } from '../../../src/cli/host/host.js';
import { createHost } from '../../../src/cli/host/system-host.js';
import { CredctlError } from '../../../src/domain/errors.js';

// What the build puts in place of this name.
Object.assign(globalThis, { CREDCTL_VERSION: '0.0.0-test' });

/** What a command printed, and how it failed. */
export interface Printed {
  readonly out: string;
  readonly err: string;
  readonly fault: CredctlError | null;
}

/** Runs a command of the group `scan` in this process, on real files. */
export async function printed(
  build: (context: CommandContext) => Command,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  directory = '/',
): Promise<Printed> {
  let [out, err] = ['', ''];
  const into = (write: (text: string) => void): Output => ({
    isTerminal: false,
    isDiscarded: false,
    columns: 80,
    rows: 24,
    write,
  });
  const host = {
    ...createHost({ env }),
    out: into((text) => {
      out += text;
    }),
    err: into((text) => {
      err += text;
    }),
    async installHook(text: string, line: string) {
      const { installHook } = await import('../../../src/system/scan/git/hook-file.js');
      return installHook(env, directory, text, line);
    },
  };
  const command = build({ host, words: [], trailing: null, setExitCode() {} });
  const program = new Command('credctl').exitOverride().addCommand(command);
  try {
    await program.parseAsync([command.name(), ...args], { from: 'user' });
    return { out, err, fault: null };
  } catch (fault) {
    if (fault instanceof CredctlError) return { out, err, fault };
    throw fault;
  }
}
