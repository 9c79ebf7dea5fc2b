/** Time limit of `ls`, in milliseconds; after it the answer is unknown. */
const TIMEOUT_MS = 2_000;

/** File type and nine permissions, then the sign for an alternate access method (POSIX `ls`). */
const WITH_LIST = /^\S{10}\+/;

/**
 * Whether a file has an access control list. Node.js cannot read one, so `ls` is run: GNU, BSD and macOS print
 * a plus sign after the mode. False where it is unknown, as with BusyBox or without `ls`.
 *
 * @param path absolute
 */
export async function hasAccessList(path: string): Promise<boolean> {
  const { execFile } = await import('node:child_process');
  const env = { PATH: process.env['PATH'], LC_ALL: 'C' };
  return new Promise((resolve) => {
    execFile('ls', ['-ld', path], { env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' }, (fault, stdout) =>
      resolve(fault === null && WITH_LIST.test(stdout)),
    );
  });
}
