import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errno } from './errno.js';

/**
 * Where process ids mean what they mean here: one boot of one kernel, and one PID namespace of it. Either is empty where
 * the system has none or a sandbox hides it.
 */
export interface ProcessSpace {
  readonly boot: string;
  /** As the kernel names it, such as `pid:[4026531836]`. Its number is used again once the namespace has ended. */
  readonly namespace: string;
}

/** What can be told of a process: `unknown` where /proc is missing, of another namespace, or hides other users' processes. */
export type Liveness = 'running' | 'gone' | 'unknown';

/** A process that was recorded, perhaps in another space or by an earlier version, which did not note the namespace. */
export interface RecordedProcess {
  readonly host: string;
  readonly boot: string;
  readonly namespace?: string;
  readonly pid: number;
  /** Empty where the system did not say. */
  readonly started: string;
}

/** Linux's number of the namespace in which the machine itself runs, and no container. */
const INITIAL_NAMESPACE = 'pid:[4026531836]';

interface ProcessFacts {
  readonly pid: number;
  readonly hasEnded: boolean;
  /** Clock ticks between the boot and its start; tells a reused pid apart. */
  readonly started: string;
}

/** Boot and PID namespace of this process. */
export function processSpace(): ProcessSpace {
  return {
    boot: textOrEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    namespace: textOrEmpty(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** When this process started, in clock ticks since the boot; empty where the system does not say. */
export function ownStart(): string {
  return factsOf('self')?.started ?? '';
}

/**
 * Whether a process of this boot and this PID namespace lives.
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
 * Whether a recorded process lives. Where boot and PID namespace are the same, host names do not matter: they can change
 * while a machine runs. Of another boot it has ended only if it surely ran on this machine: outside of containers a
 * host name stands for a machine.
 */
export function recordedLiveness(recorded: RecordedProcess): Liveness {
  const own = processSpace();
  if (isSameSpace(recorded, own)) return livenessOf(recorded.pid, recorded.started);
  if (isOfEarlierBoot(recorded, own)) return 'gone';
  if (recorded.namespace !== undefined || recorded.boot === '' || recorded.boot !== own.boot)
    return 'unknown';
  // Without its namespace, only a process that is seen tells something: a start is one clock tick of a boot.
  return livenessOf(recorded.pid, recorded.started) === 'running' ? 'running' : 'unknown';
}

function isSameSpace({ host, boot, namespace }: RecordedProcess, own: ProcessSpace): boolean {
  if (own.boot !== '' && own.namespace !== '') return boot === own.boot && namespace === own.namespace;
  // Other systems have no PID namespaces; where Linux hides them, nothing can be told.
  return process.platform !== 'linux' && host === hostname() && boot === own.boot;
}

function isOfEarlierBoot({ host, boot, namespace }: RecordedProcess, own: ProcessSpace): boolean {
  const isElsewhere = host !== hostname() || (namespace ?? INITIAL_NAMESPACE) !== INITIAL_NAMESPACE;
  if (isElsewhere || own.namespace !== INITIAL_NAMESPACE) return false;
  return boot !== '' && own.boot !== '' && boot !== own.boot;
}

/** Whether a process with this id exists in this PID namespace; one of another user counts. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    return errno(fault) === 'EPERM';
  }
}

/** A mount of /proc that was made in another PID namespace numbers processes differently. */
function showsThisNamespace(): boolean {
  return factsOf('self')?.pid === process.pid;
}

/** Fields 1, 3 and 22 of proc(5)'s stat, or null where there is no such file. A zombie has ended. */
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
