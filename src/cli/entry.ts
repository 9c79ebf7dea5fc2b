import type { Host } from './host/host.js';

/**
 * Entry point of the program, called by `bin/`. Kept minimal: the compile cache is keyed by file names with a
 * content digest, and this file's name is fixed.
 *
 * @param argv the arguments after the program's name
 * @param brokenProgram {@link Host.brokenProgram}
 * @returns the exit status
 */
export async function run(
  argv: readonly string[],
  brokenProgram: Host['brokenProgram'] = () => null,
): Promise<number> {
  // Prompt libraries check the environment only.
  if (argv.includes('--no-color')) process.env['NO_COLOR'] = '1';
  const [{ main }, { createHost }] = await Promise.all([
    import('./main.js'),
    import('./host/system-host.js'),
  ]);
  return await main([...argv], createHost({ brokenProgram }));
}
