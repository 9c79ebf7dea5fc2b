import { hostname } from 'node:os';
import type { ProcessIdentity } from '../domain/credential/version.js';
import type { Processes } from '../domain/ports/ports.js';
import { ownStart, processSpace, recordedLiveness } from '../files/process.js';

/** Processes of this machine and PID namespace, identified by start time where the system provides it. */
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
