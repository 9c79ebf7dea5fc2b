import { hostname, userInfo } from 'node:os';

/** The person behind this process, `name@host`: who called sudo, where the effective user is root because of it. */
export function systemActor(env: Readonly<Record<string, string | undefined>>): string {
  const behindSudo = process.geteuid?.() === 0 ? env['SUDO_USER'] : undefined;
  return `${printable(behindSudo || userName())}@${printable(hostname())}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.geteuid?.() ?? 'unknown');
  }
}

function printable(text: string): string {
  return text.replaceAll(/[^\w.@+-]/g, '_').slice(0, 64);
}
