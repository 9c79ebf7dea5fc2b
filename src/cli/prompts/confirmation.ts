import { CredctlError, usageError } from '../../domain/errors.js';
import { safeForTerminal } from '../../domain/text/safe-text.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { canAsk } from '../session.js';

/**
 * Requires each name to be typed before a permanent removal; `--yes` skips it.
 *
 * @throws CredctlError `usage` where prompts are impossible, and when another name is typed
 */
export async function confirmByName(
  host: Host,
  globals: GlobalOptions,
  what: string,
  names: readonly string[],
): Promise<void> {
  if (globals.yes) return;
  if (!canAsk(host, globals)) {
    throw usageError(`${what} cannot be undone, and nobody can be asked here`, 'add --yes to go ahead');
  }
  const prompts = await host.prompts();
  for (const name of names) {
    const shownName = safeForTerminal(name, { newlines: 'escape' });
    const typed = await prompts.line(`This cannot be undone. Type ${shownName} to go ahead:`);
    if (typed.trim() !== name)
      throw usageError('another name was typed; nothing was changed', `type ${shownName}`);
  }
}

/**
 * Asks for confirmation of a change; `--yes` skips it.
 *
 * @throws CredctlError `usage` where prompts are impossible; `interrupted` on a no
 */
export async function confirmChange(host: Host, globals: GlobalOptions, question: string): Promise<void> {
  requireConfirmable(host, globals);
  if (globals.yes) return;
  const prompts = await host.prompts();
  if (!(await prompts.confirm(question))) {
    throw new CredctlError('interrupted', 'not confirmed; nothing was changed');
  }
}

/**
 * Refuses a change that can be confirmed neither by a prompt nor by `--yes`.
 *
 * @throws CredctlError `usage`
 */
export function requireConfirmable(host: Host, globals: GlobalOptions): void {
  if (globals.yes || canAsk(host, globals)) return;
  throw usageError('this change needs a confirmation, and nobody can be asked here', 'add --yes to go ahead');
}
