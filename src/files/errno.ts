/** The errno code of a failed system call, such as `ENOENT`; null for any other error. */
export function errno(fault: unknown): string | null {
  const code = fault instanceof Error && 'code' in fault ? fault.code : null;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : null;
}
