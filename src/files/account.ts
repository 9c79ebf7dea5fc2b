import { homedir, userInfo } from 'node:os';
import { isAbsolute } from 'node:path';

/** The environment variables of a process. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The home directory: `$HOME`, or that of the user database; null for an account with neither, such as the uid that
 * a container was started with. A relative `HOME` is ignored, since it depends on the working directory.
 */
export function homeDirectory(env: Environment): string | null {
  const candidates = [() => env['HOME'], homedir, () => userInfo().homedir];
  for (const candidate of candidates) {
    const path = answerOf(candidate);
    if (path !== null && isAbsolute(path)) return path;
  }
  return null;
}

/** The account's name in the user database; null without an entry. */
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

/** The effective uid, which the kernel checks; 0 where there are none (Windows). */
export function effectiveUser(): number {
  return process.geteuid?.() ?? 0;
}
