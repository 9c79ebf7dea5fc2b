import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import type { CoreDumps } from './core-dumps.js';

/** What a program that a person runs gets back of what credctl took for itself. */
export interface UsersProcess {
  /** The user's umask. */
  readonly umask: number;
  /** Restores core dumps for the program. */
  readonly coreDumps: CoreDumps;
}

/** Starts a program with the user's own umask and core dumps. */
export function spawnAsUser(
  path: string,
  args: readonly string[],
  { umask, coreDumps }: UsersProcess,
  options: SpawnOptions,
): ChildProcess {
  const own = process.umask(umask);
  try {
    return coreDumps.asBefore(() => spawn(path, args, options));
  } finally {
    process.umask(own);
  }
}
