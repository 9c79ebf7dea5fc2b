import { hostname } from 'node:os';
import { crypto } from '../../files/crypto.js';
import { isDeadMark, processMark } from '../../files/leftovers.js';
import { isRunning } from '../../files/process.js';

/** Account of a trial entry. It names the process, so that an entry left by a killed one is recognised. */
export function preflightAccount(): string {
  return `preflight/${processMark()}/${crypto().randomBytes(8).toString('hex')}`;
}

/** Whether it is the account of a trial entry, of any process. */
export function isTrial(account: string): boolean {
  return account.startsWith('preflight/');
}

/** Whether it is a trial entry of a process of this machine and PID namespace that has ended. */
export function isLeftOver(account: string): boolean {
  const [kind, mark = '', ...rest] = account.split('/');
  if (kind !== 'preflight') return false;
  return rest.length === 1 ? isDeadMark(mark) : isLeftByEarlierVersion(mark, rest);
}

/** Accounts of earlier versions contain only host and process id. */
function isLeftByEarlierVersion(host: string, [pid = '', ...rest]: readonly string[]): boolean {
  if (host !== hostname() || rest.length !== 1) return false;
  return /^[1-9]\d{0,9}$/.test(pid) && !isRunning(Number(pid));
}
