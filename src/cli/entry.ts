import { createHost } from './host.js';
import { main } from './main.js';

/**
 * Runs the program on this machine; what the bundle exports.
 *
 * @param argv the arguments after the program's name
 * @returns the exit status
 */
export async function run(argv: readonly string[]): Promise<number> {
  return await main([...argv], createHost());
}
