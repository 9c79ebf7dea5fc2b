/** Terminal types without an alternate screen (no `smcup` in terminfo). All other types in use have one. */
const WITHOUT =
  /^(?:dumb|unknown|network|dialup|switch|lpr|glasstty|emacs|linux|ansi|pcansi|cons25|vt\d|sun|wy\d|wyse|ibm3151|tty\d|adm\d)/;

/**
 * Whether the terminal has an alternate screen.
 *
 * @param terminalType `$TERM`; unset on Windows, whose terminals have one
 */
export function hasAlternateScreen(terminalType: string | undefined, platform: NodeJS.Platform): boolean {
  if (terminalType === undefined || terminalType === '') return platform === 'win32';
  return !WITHOUT.test(terminalType);
}
