import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { isRunning } from './running.js';

/** The account of an entry with which a keychain is tried. It says who tries, so that what a kill leaves is told apart. */
export function preflightAccount(): string {
  return `preflight/${hostname()}/${process.pid}/${randomBytes(8).toString('hex')}`;
}

/** Whether it is the entry of a trial on this machine whose process has ended. */
export function isLeftOver(account: string): boolean {
  const [kind, host, pid = '', ...rest] = account.split('/');
  if (kind !== 'preflight' || host !== hostname() || rest.length !== 1) return false;
  return /^[1-9]\d{0,9}$/.test(pid) && !isRunning(Number(pid));
}
