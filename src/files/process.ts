import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errno } from './errno.js';

/**
 * The scope of process ids: one boot of one kernel, and one PID namespace in it. Either is empty where the system
 * has none or a sandbox hides it.
 */
export interface ProcessSpace {
  readonly boot: string;
  /**
   * The kernel's name of the namespace, such as `pid:[4026531836]`. Its inode number is reused once the namespace
   * has ended.
   */
  readonly namespace: string;
}

/** State of a process: `unknown` where /proc is missing, of another namespace, or hides other users' processes. */
export type Liveness = 'running' | 'gone' | 'unknown';

/**
 * A recorded process, perhaps of another boot or namespace, or of an earlier version, which did not record the
 * namespace.
 */
export interface RecordedProcess {
  readonly host: string;
  readonly boot: string;
  readonly namespace?: string;
  readonly pid: number;
  /** Start time in clock ticks since the boot; empty where it was not known. */
  readonly started: string;
}

/** Linux's inode number of the initial PID namespace, outside of containers. */
const INITIAL_NAMESPACE = 'pid:[4026531836]';

interface ProcessFacts {
  readonly pid: number;
  readonly hasEnded: boolean;
  /** Start time in clock ticks since the boot, which distinguishes a reused pid. */
  readonly started: string;
}

/** Boot and PID namespace of this process. */
export function processSpace(): ProcessSpace {
  return {
    boot: textOrEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    namespace: textOrEmpty(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** Start time of this process, in clock ticks since the boot; empty where it is not known. */
export function ownStart(): string {
  return factsOf('self')?.started ?? '';
}

/**
 * The state of a process of this boot and this PID namespace.
 *
 * @param started in clock ticks since the boot; empty where it is not known
 */
export function livenessOf(pid: number, started: string): Liveness {
  if (started !== '' && pid === process.pid) return ownStart() === started ? 'running' : 'gone';
  const facts = showsThisNamespace() ? factsOf(pid) : null;
  if (facts === null) return isRunning(pid) ? 'unknown' : 'gone';
  if (facts.hasEnded) return 'gone';
  if (started === '') return 'unknown';
  return facts.started === started ? 'running' : 'gone';
}

/**
 * The state of a recorded process. With the same boot and PID namespace, host names are ignored: they can change at
 * run time. A process of another boot has ended only if it certainly ran on this machine: outside of containers, a
 * host name identifies a machine.
 */
export function recordedLiveness(recorded: RecordedProcess): Liveness {
  const own = processSpace();
  if (isSameSpace(recorded, own)) return livenessOf(recorded.pid, recorded.started);
  if (isOfEarlierBoot(recorded, own)) return 'gone';
  if (recorded.namespace !== undefined || recorded.boot === '' || recorded.boot !== own.boot)
    return 'unknown';
  // Without a namespace, only a match with a visible process is conclusive: pid and start tick identify it.
  return livenessOf(recorded.pid, recorded.started) === 'running' ? 'running' : 'unknown';
}

function isSameSpace({ host, boot, namespace }: RecordedProcess, own: ProcessSpace): boolean {
  if (own.boot !== '' && own.namespace !== '') return boot === own.boot && namespace === own.namespace;
  // Other systems have no PID namespaces; where Linux hides them, the state is unknown.
  return process.platform !== 'linux' && host === hostname() && boot === own.boot;
}

function isOfEarlierBoot({ host, boot, namespace }: RecordedProcess, own: ProcessSpace): boolean {
  const isElsewhere = host !== hostname() || (namespace ?? INITIAL_NAMESPACE) !== INITIAL_NAMESPACE;
  if (isElsewhere || own.namespace !== INITIAL_NAMESPACE) return false;
  return boot !== '' && own.boot !== '' && boot !== own.boot;
}

/** Whether a process with this id exists in this PID namespace; EPERM means that it does, for another user. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    return errno(fault) === 'EPERM';
  }
}

/** Whether /proc was mounted in this PID namespace; another namespace numbers processes differently. */
function showsThisNamespace(): boolean {
  return factsOf('self')?.pid === process.pid;
}

/** Fields 1, 3 and 22 of proc(5)'s stat; null where there is no such file. A zombie has ended. */
function factsOf(pid: number | 'self'): ProcessFacts | null {
  const stat = textOrEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', started] = [fields[0], fields[19]];
  if (started === undefined) return null;
  return { pid: Number.parseInt(stat, 10), hasEnded: state === 'Z' || state === 'X', started };
}

function textOrEmpty(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}
