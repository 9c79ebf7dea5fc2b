import { hostname } from 'node:os';
import { userName } from '../files/account.js';

/** Variables in which sudo (and run0) and doas name the calling user. */
const CALLERS = ['SUDO_USER', 'DOAS_USER'] as const;

/**
 * The user of this process, `ACCOUNT@HOST`. A different user named by sudo or doas precedes it:
 * `alice (as svc)@HOST`. The environment is forgeable, so such a name is never shown without the account.
 */
export function systemActor(env: Readonly<Record<string, string | undefined>>): string {
  const account = userName() ?? String(process.geteuid?.() ?? 'unknown');
  const caller = CALLERS.map((name) => env[name]).find((name) => name && name !== account);
  const who = caller ? `${printable(caller)} (as ${printable(account)})` : printable(account);
  return `${who}@${printable(hostname())}`;
}

/** Removes spaces and parentheses, so that no name can imitate the form with an account. */
function printable(text: string): string {
  return text.replaceAll(/[^\w.@+-]/g, '_').slice(0, 64);
}
