import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Workplace } from './workplace.js';

/** A command that has taken the secret, and then waits until it is told to end or is ended. */
export interface WaitingCommand {
  /** To be given after `--`. */
  readonly command: readonly string[];
  /** Whether it has taken the secret over. */
  hasStarted(): boolean;
  readonly pid: number;
  /** Tells it to end with a status. */
  release(status: number): void;
  /** What it has received. */
  readonly received: string;
}

/** @param whenAsked what it does when it is asked to end by SIGTERM, in shell; ends at once without */
export function waitingCommand(place: Workplace, whenAsked = ''): WaitingCommand {
  const [got, pid, go] = ['got', 'pid', 'go'].map((name) => place.output(name)) as [string, string, string];
  const trap = whenAsked === '' ? '' : `trap '${whenAsked}' TERM; `;
  const wait = 'while ! [ -s out/go ]; do sleep 0.05; done; exit "$(cat out/go)"';
  const script = `${trap}umask 077; cat > out/got; echo $$ > out/pid.new; mv out/pid.new out/pid; ${wait}`;
  return {
    command: ['sh', '-c', script],
    hasStarted: () => existsSync(pid),
    get pid() {
      return Number(readFileSync(pid, 'utf8'));
    },
    release: (status) => writeFileSync(go, `${status}\n`),
    get received() {
      return readFileSync(got, 'utf8');
    },
  };
}
