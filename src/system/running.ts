import { faultCode } from './fault-code.js';

/** Whether a process with this id exists on this machine; one of another user counts. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    return faultCode(fault) === 'EPERM';
  }
}
