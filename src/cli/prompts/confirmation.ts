import { CredctlError, usageError } from '../../domain/errors.js';
import { safeForTerminal } from '../../domain/text/safe-text.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { canAsk } from '../session.js';

/**
 * Requires each name to be typed before a permanent removal; `--yes` skips it.
 *
 * @param begin called once before the first question
 * @throws CredctlError `usage` where prompts are impossible, and when another name is typed
 */
export async function confirmByName(
  host: Host,
  globals: GlobalOptions,
  what: string,
  names: readonly string[],
  begin: () => void = () => {},
): Promise<void> {
  requireConfirmable(host, globals, `${what} cannot be undone`);
  if (globals.yes) return;
  begin();
  for (const name of names) {
    await confirmByTyping(host, name, 'another name was typed; nothing was changed');
  }
}

/**
 * Requires a word to be typed before a permanent removal.
 *
 * @param otherwise what is wrong with any other word
 * @throws CredctlError `usage` when another one is typed
 */
export async function confirmByTyping(host: Host, word: string, otherwise: string): Promise<void> {
  const prompts = await host.prompts();
  const shown = safeForTerminal(word, { newlines: 'escape' });
  const typed = await prompts.line(`This cannot be undone. Type ${shown} to confirm:`);
  if (typed.trim() !== word) throw usageError(otherwise, `type ${shown}`);
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
 * Asks whether to save what a form has changed, which Enter alone does; `--yes` skips it.
 *
 * @throws CredctlError `interrupted` on a no
 */
export async function confirmSaving(host: Host, globals: GlobalOptions): Promise<void> {
  if (globals.yes || (await (await host.prompts(globals)).confirm('Save?', true))) return;
  throw new CredctlError('interrupted', 'not saved; nothing was changed');
}

/**
 * Refuses a change that can be confirmed neither by a prompt nor by `--yes`.
 *
 * @param why it needs that
 * @throws CredctlError `usage`
 */
export function requireConfirmable(
  host: Host,
  globals: GlobalOptions,
  why = 'this change needs a confirmation',
): void {
  if (globals.yes || canAsk(host, globals)) return;
  throw usageError(`${why}, and there is no terminal to ask on`, 'add --yes to confirm');
}
