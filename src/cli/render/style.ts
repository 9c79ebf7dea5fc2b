import { Chalk, type ChalkInstance } from 'chalk';
import type { GlobalOptions } from '../flags/global.js';
import type { Host, Output } from '../host/host.js';

/** Colours for one stream: `--no-color` before NO_COLOR before FORCE_COLOR before whether it is a terminal. */
export function styleFor(
  host: Pick<Host, 'env'>,
  stream: Output,
  options: Pick<GlobalOptions, 'color'>,
): ChalkInstance {
  return new Chalk({ level: usesColour(host.env, stream, options) ? 1 : 0 });
}

/** Whether a stream gets colour. */
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
