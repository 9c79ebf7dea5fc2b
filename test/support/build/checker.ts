import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * Whether a program of another package is there. Where it is not, the reason why its tests are skipped is printed; in
 * the gate, which installs it, a skipped test is a failure.
 */
export function isInstalled(program: string, debianPackage: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write(`skipped: ${program} is not installed (Debian package ${debianPackage})\n`);
    return false;
  }
}

/** As {@link isInstalled}, for a file of another package. */
export function isThere(path: string, debianPackage: string): boolean {
  if (existsSync(path)) return true;
  process.stderr.write(`skipped: ${path} is not there (Debian package ${debianPackage})\n`);
  return false;
}
