/** SELinux, or a file system mounted noexec, has the second and the third said. */
const NOT_ALLOWED = /permission denied|not permitted|failed to map segment/i;

/**
 * What to do where the dynamic linker may not read an addon, or not map it as code.
 *
 * @param said how it refused
 * @returns null where it refused for another reason
 */
export function permissionHint(said: string): string | null {
  return NOT_ALLOWED.test(said)
    ? 'let this user read the file, and keep it on a file system that is not mounted noexec'
    : null;
}
