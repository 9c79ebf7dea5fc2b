import { hostname } from 'node:os';
import { crypto } from '../../files/crypto.js';
import { isDeadMark, processMark } from '../../files/leftovers.js';
import { isRunning } from '../../files/process.js';

/** The account of an entry with which a keychain is tried. It says who tries, so that what a kill leaves is told apart. */
export function preflightAccount(): string {
  return `preflight/${processMark()}/${crypto().randomBytes(8).toString('hex')}`;
}

/** Whether it is the entry of a trial on this machine, in this PID namespace, whose process has ended. */
export function isLeftOver(account: string): boolean {
  const [kind, mark = '', ...rest] = account.split('/');
  if (kind !== 'preflight') return false;
  return rest.length === 1 ? isDeadMark(mark) : isLeftByEarlierVersion(mark, rest);
}

/** Accounts of earlier versions name the host and the process id alone. */
function isLeftByEarlierVersion(host: string, [pid = '', ...rest]: readonly string[]): boolean {
  if (host !== hostname() || rest.length !== 1) return false;
  return /^[1-9]\d{0,9}$/.test(pid) && !isRunning(Number(pid));
}
