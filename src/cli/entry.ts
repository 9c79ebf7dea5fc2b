/**
 * Runs the program on this machine; what the starter of `bin/` calls. It holds nothing else: code that was compiled is
 * kept by the names of files that end in a digest of their content, and the name of this file does not change.
 *
 * @param argv the arguments after the program's name
 * @returns the exit status
 */
export async function run(argv: readonly string[]): Promise<number> {
  // Libraries that draw prompts look at the environment, not at flags.
  if (argv.includes('--no-color')) process.env['NO_COLOR'] = '1';
  const [{ main }, { createHost }] = await Promise.all([
    import('./main.js'),
    import('./host/system-host.js'),
  ]);
  return await main([...argv], createHost());
}
