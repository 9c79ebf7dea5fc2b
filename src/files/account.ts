import { homedir, userInfo } from 'node:os';
import { isAbsolute } from 'node:path';

/** The environment variables of a process. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The home directory: `$HOME`, or what the user database says; null for an account that has neither, such as a uid
 * that a container was started with. A relative `HOME` would name another directory with every change of the working
 * directory, and does not count.
 */
export function homeDirectory(env: Environment): string | null {
  const candidates = [() => env['HOME'], homedir, () => userInfo().homedir];
  for (const candidate of candidates) {
    const path = answerOf(candidate);
    if (path !== null && isAbsolute(path)) return path;
  }
  return null;
}

/** The account's name in the user database; null for one that has no entry there. */
export function userName(): string | null {
  return answerOf(() => userInfo().username);
}

/** libuv throws ENOENT where getpwuid_r(3) finds no entry. */
function answerOf(ask: () => string | undefined): string | null {
  try {
    return ask() || null;
  } catch {
    return null;
  }
}

/** The uid that the kernel goes by; 0 where there are none (Windows). */
export function effectiveUser(): number {
  return process.geteuid?.() ?? 0;
}
