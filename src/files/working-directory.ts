import { CredctlError } from '../domain/errors.js';

/**
 * The working directory.
 *
 * @throws CredctlError `store_unavailable` when it has been removed
 */
export function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new CredctlError('store_unavailable', 'the working directory does not exist any more', {
      hint: 'change to another directory, or give absolute paths',
      cause,
    });
  }
}
