/** The second and third messages come from SELinux or a file system mounted noexec. */
const NOT_ALLOWED = /permission denied|not permitted|failed to map segment/i;

/**
 * The remedy where the dynamic linker may not read an addon, or not map it as executable.
 *
 * @param said the linker's message
 * @returns null for another reason
 */
export function permissionHint(said: string): string | null {
  return NOT_ALLOWED.test(said)
    ? 'let your user read the file, and keep it on a file system without noexec'
    : null;
}
