import { createHost } from './host/system-host.js';
import { main } from './main.js';

/**
 * Runs the program on this machine; what the bundle exports.
 *
 * @param argv the arguments after the program's name
 * @returns the exit status
 */
export async function run(argv: readonly string[]): Promise<number> {
  // Libraries that draw prompts look at the environment, not at flags.
  if (argv.includes('--no-color')) process.env['NO_COLOR'] = '1';
  return await main([...argv], createHost());
}
