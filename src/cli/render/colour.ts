import type { GlobalOptions } from '../flags/global.js';
import type { Host, Output } from '../host/host.js';

/**
 * Whether a stream gets colour: `--no-color`, NO_COLOR and FORCE_COLOR take precedence over the terminal check.
 */
export function usesColour(
  env: Host['env'],
  stream: Pick<Output, 'isTerminal'>,
  options: Pick<GlobalOptions, 'color'>,
): boolean {
  if (!options.color) return false;
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTerminal && env['TERM'] !== 'dumb';
}

/** SGR 1 and 22 (ECMA-48 §8.3.117). */
const [BOLD, NORMAL] = ['\u001b[1m', '\u001b[22m'];

/** Bold text, whatever the stream. */
export function bold(text: string): string {
  return `${BOLD}${text}${NORMAL}`;
}

/** Makes text bold where a stream gets colour, without a library. */
export function boldOn(
  env: Host['env'],
  stream: Pick<Output, 'isTerminal'>,
  options: Pick<GlobalOptions, 'color'>,
): (text: string) => string {
  return usesColour(env, stream, options) ? bold : (text) => text;
}
