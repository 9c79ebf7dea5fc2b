import type { Host } from './host/host.js';

/** Context that each command is built with. */
export interface CommandContext {
  readonly host: Host;
  /** The words of the command line before any `--`. */
  readonly words: readonly string[];
  /** The arguments after `--`, for a command that credctl starts; null when there was no `--`. */
  readonly trailing: readonly string[] | null;
  /** Sets an exit status other than 0 for a command that completed. */
  readonly setExitCode: (code: number) => void;
}
