import { hostname } from 'node:os';
import type { ProcessIdentity } from '../domain/credential/version.js';
import type { Processes } from '../domain/ports/ports.js';
import { ownStart, processSpace, recordedLiveness } from '../files/process.js';

/** The processes of this machine and PID namespace, told apart by their start where the system says so. */
export function systemProcesses(): Processes {
  let self: ProcessIdentity | null = null;
  return {
    self() {
      self ??= { host: hostname(), ...processSpace(), pid: process.pid, started: ownStart() };
      return self;
    },
    status: recordedLiveness,
  };
}
