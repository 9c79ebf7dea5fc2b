/** The system's code of a call that failed, such as `ENOENT`; null for any other fault. */
export function errno(fault: unknown): string | null {
  const code = fault instanceof Error && 'code' in fault ? fault.code : null;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : null;
}
