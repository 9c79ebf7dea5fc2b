import { Chalk, type ChalkInstance } from 'chalk';
import type { GlobalOptions } from '../flags/global.js';
import type { Host, Output } from '../host/host.js';
import { usesColour } from './colour.js';

/** Colours for one stream: `--no-color` before NO_COLOR before FORCE_COLOR before whether it is a terminal. */
export function styleFor(
  host: Pick<Host, 'env'>,
  stream: Output,
  options: Pick<GlobalOptions, 'color'>,
): ChalkInstance {
  return new Chalk({ level: usesColour(host.env, stream, options) ? 1 : 0 });
}
