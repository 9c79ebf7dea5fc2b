import { Chalk, type ChalkInstance } from 'chalk';
import type { GlobalOptions } from '../flags/global.js';
import type { Host, Output } from '../host/host.js';
import { usesColour } from './colour.js';

/**
 * Colours of a stream; in order of precedence: `--no-color`, NO_COLOR, FORCE_COLOR, whether it is a terminal.
 */
export function styleFor(
  host: Pick<Host, 'env'>,
  stream: Output,
  options: Pick<GlobalOptions, 'color'>,
): ChalkInstance {
  return new Chalk({ level: usesColour(host.env, stream, options) ? 1 : 0 });
}
