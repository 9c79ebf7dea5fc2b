import { hostname } from 'node:os';
import { userName } from '../files/account.js';

/** Variables in which sudo (and run0) and doas name the user who called them. */
const CALLERS = ['SUDO_USER', 'DOAS_USER'] as const;

/**
 * Who runs this process, `ACCOUNT@HOST`. Where the environment names another user, who became this account by sudo or
 * doas, that user stands before it: `alice (as svc)@HOST`. Such a claim is never shown alone: anyone may set a variable.
 */
export function systemActor(env: Readonly<Record<string, string | undefined>>): string {
  const account = userName() ?? String(process.geteuid?.() ?? 'unknown');
  const caller = CALLERS.map((name) => env[name]).find((name) => name && name !== account);
  const who = caller ? `${printable(caller)} (as ${printable(account)})` : printable(account);
  return `${who}@${printable(hostname())}`;
}

/** Without spaces and parentheses, so that no name can look like an account. */
function printable(text: string): string {
  return text.replaceAll(/[^\w.@+-]/g, '_').slice(0, 64);
}
