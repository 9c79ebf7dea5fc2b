import type { Host } from './host.js';

/** What a command is built with. */
export interface CommandContext {
  readonly host: Host;
  /** Ends the command with another status than 0 although it did what it was asked to. */
  readonly setExitCode: (code: number) => void;
}
