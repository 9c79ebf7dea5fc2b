import { CredctlError } from '../domain/errors.js';

/** Where relative paths begin. @throws CredctlError `store_unavailable` when the directory was removed meanwhile */
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
