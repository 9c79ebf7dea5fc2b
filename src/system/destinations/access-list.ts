/** As long as `ls` may take; without an answer, nothing is known. */
const TIMEOUT_MS = 2_000;

/** The type and nine permissions of a file, and the sign after them that POSIX lets `ls` add. */
const WITH_LIST = /^\S{10}\+/;

/**
 * Whether a file has an access control list. Node.js cannot read one, so that `ls` is asked: GNU, BSD and macOS write a
 * plus sign after the mode. BusyBox does not, and where there is no `ls`, nothing is known either: false.
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
