import { execFileSync } from 'node:child_process';

/** Whether a program that tests need is missing; where that is so, it says which tests are not run for it. */
export function isMissing(tests: string, ...programs: readonly string[]): boolean {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return false;
  process.stderr.write(`not run, since ${missing.join(', ')} cannot be found: ${tests}\n`);
  return true;
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
