import type { ScanSources } from '../../domain/ports/scan-port.js';
import { scanFiles } from './files.js';
import { scanHistories, scanStage } from './git/repository-scan.js';
import { scanInput } from './input.js';
import { secretMask } from './scanner.js';

/**
 * The real files, the repositories of git, and standard input.
 *
 * @param thread the module of a thread that scans files
 */
export function systemScanSources(
  env: Readonly<Record<string, string | undefined>>,
  thread: URL,
): ScanSources {
  return {
    mask: secretMask,
    files: (paths, scope, report) => scanFiles(env, thread, paths, scope, report),
    history: (paths, scope, report) => scanHistories(env, paths, scope, report),
    staged: (directory, scope, report) => scanStage(env, directory, scope, report),
    input: (scope, report) => scanInput(env, scope, report),
  };
}
