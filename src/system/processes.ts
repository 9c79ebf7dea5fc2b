import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Processes } from '../domain/ports.js';
import type { ProcessIdentity } from '../domain/version.js';
import { isRunning } from '../files/process.js';

/** The processes of this machine, told apart by boot and start time where the system says so. */
export function systemProcesses(): Processes {
  const host = hostname();
  const boot = bootId();
  let self: ProcessIdentity | null = null;
  return {
    self() {
      self ??= { host, boot, pid: process.pid, started: startTime(process.pid) ?? '' };
      return self;
    },
    status(of: ProcessIdentity) {
      if (of.host !== host) return 'unknown';
      // A sandbox may hide the boot from one of the two.
      if (of.boot !== boot) return of.boot === '' || boot === '' ? 'unknown' : 'gone';
      if (!isRunning(of.pid)) return 'gone';
      const started = startTime(of.pid);
      return started === null || started === of.started ? 'running' : 'gone';
    },
  };
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** Field 22 of proc(5)'s stat, or null where there is no such file. A zombie has ended. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : (fields[19] ?? null);
  } catch {
    return null;
  }
}
