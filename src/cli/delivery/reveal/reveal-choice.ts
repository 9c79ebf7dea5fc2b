import { usageError } from '../../../domain/errors.js';
import type { Delivery, Destination } from '../../../domain/ports/ports.js';
import type { GlobalOptions } from '../../flags/global.js';
import type { Host } from '../../host/host.js';
import { canAsk, note } from '../../session.js';
import { hasAlternateScreen } from './alternate-screen.js';
import { type RevealDestination, type RevealKeychain, revealDestination } from './reveal-destination.js';

/** How a secret is shown on a terminal: on the alternate screen, or inline. */
export const REVEALS = ['screen', 'inline'] as const;

/** Flags that affect the display of a secret on standard output. */
export interface RevealFlags {
  readonly reveal?: (typeof REVEALS)[number];
  readonly format?: string;
  readonly keychain?: true;
}

/**
 * The reveal destination, where the terminal is interactive and no flag excludes it; otherwise null.
 *
 * @throws CredctlError `usage` when the screen was requested and is not available
 */
export function revealFor(
  host: Host,
  globals: GlobalOptions,
  flags: RevealFlags,
  inline: Destination,
  renderText: (delivery: Delivery) => string,
  facts: () => readonly string[] = () => [],
): RevealDestination | null {
  const obstacle = obstacleTo(host, globals, flags);
  if (flags.reveal === 'inline') return null;
  if (obstacle !== null) {
    if (flags.reveal === undefined) return null;
    throw usageError(`--reveal screen is not possible: ${obstacle}`, 'leave out --reveal');
  }
  return revealDestination({
    terminal: {
      size: () => ({ columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 }),
      write: (text) => host.out.write(text),
    },
    keyboard: async () => (await import('./keyboard.js')).processKeyboard,
    env: host.env,
    home: host.home(),
    hasAlternateScreen: hasAlternateScreen(host.env['TERM'], process.platform),
    inline,
    fileAt: (path) => host.fileDestination(path, false, renderText),
    keychain: flags.keychain === true ? null : offeredKeychain(host),
    confirm: async (question) => globals.yes || (await host.prompts(globals)).confirm(question),
    facts,
    tell: (text) => note(host, globals, text),
  });
}

function offeredKeychain(host: Host): RevealKeychain {
  return {
    async isReachable() {
      const keychain = host.keychain();
      try {
        await keychain.get('reachable');
        return true;
      } catch {
        return false;
      } finally {
        keychain.close();
      }
    },
    destination: () => host.keychainDestination(host.keychain()),
  };
}

function obstacleTo(host: Host, globals: GlobalOptions, { format }: RevealFlags): string | null {
  if (globals.json || globals.quiet) return 'the output is meant for a program';
  if (format !== undefined && format !== 'text') return `the screen cannot show the format ${format}`;
  if (!host.out.isTerminal) return 'standard output is not a terminal';
  return canAsk(host, globals) ? null : 'there is no terminal to ask on';
}
