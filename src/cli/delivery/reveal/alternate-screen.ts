/**
 * Types of terminals whose description (terminfo) has no second screen: none of them has `smcup`. Every terminal
 * in use today under another name has one.
 */
const WITHOUT =
  /^(?:dumb|unknown|network|dialup|switch|lpr|glasstty|emacs|linux|ansi|pcansi|cons25|vt\d|sun|wy\d|wyse|ibm3151|tty\d|adm\d)/;

/**
 * Whether the terminal can show something on a second screen and go back to the first as if nothing had happened.
 *
 * @param terminalType `$TERM`; Windows sets none, and its terminals have a second screen
 */
export function hasAlternateScreen(terminalType: string | undefined, platform: NodeJS.Platform): boolean {
  if (terminalType === undefined || terminalType === '') return platform === 'win32';
  return !WITHOUT.test(terminalType);
}
