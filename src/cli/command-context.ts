import type { Host } from './host/host.js';

/** What a command is built with. */
export interface CommandContext {
  readonly host: Host;
  /** The words of the command line before any `--`. */
  readonly words: readonly string[];
  /** What stood after `--`, which belongs to a command that credctl starts; null when there was no `--`. */
  readonly trailing: readonly string[] | null;
  /** Ends the command with another status than 0 although it did what it was asked to. */
  readonly setExitCode: (code: number) => void;
}
