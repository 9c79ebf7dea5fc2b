import { CredctlError } from '../domain/errors.js';

/**
 * The code of a failed call: an errno such as `ENOENT`, or a library's own such as `SQLITE_BUSY`; null for any other
 * error, and for a CredctlError, whose code is no cause.
 */
export function codeOf(fault: unknown): string | null {
  if (fault instanceof CredctlError) return null;
  return fault instanceof Error && 'code' in fault && typeof fault.code === 'string' ? fault.code : null;
}

/** The errno of a failed system call, such as `ENOENT`; null for any other error. */
export function errno(fault: unknown): string | null {
  const code = codeOf(fault);
  return code !== null && /^E[A-Z0-9]+$/.test(code) ? code : null;
}
