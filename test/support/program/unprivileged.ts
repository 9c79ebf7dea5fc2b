/** A command line that runs `command` as the same user, but without root's power to ignore permissions. */
export function unprivileged(command: readonly string[]): readonly string[] {
  if (process.geteuid?.() !== 0) return command;
  return ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-all', ...command];
}
