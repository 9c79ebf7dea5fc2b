import { CredctlError } from '../domain/errors.js';

/** The errno of a failed call, such as `ENOENT`; null for any other error. */
export function faultCode(fault: unknown): string | null {
  if (fault instanceof CredctlError) return null;
  return fault instanceof Error && 'code' in fault && typeof fault.code === 'string' ? fault.code : null;
}
