import { closeSync, constants, openSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Of Linux; Node does not name it. Opens for nothing but being asked about: needs no right to read, and closing it gives up no locks (open(2)). */
export const O_PATH = 0o10000000;

/** A line of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export interface Mount {
  readonly id: number;
  /** Where it is mounted, as this process sees it. */
  readonly point: string;
  /** Such as `ext4` or `fuse.sshfs`. */
  readonly type: string;
  /** What is mounted, in the terms of its type: a device, `host:/export`, a directory. */
  readonly source: string;
}

/** Reads the text of /proc/self/mountinfo. Lines that are not of its form are left out. */
export function parseMounts(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line): readonly Mount[] => {
    // The number of optional fields before the separator varies.
    const [place, content] = line.split(' - ');
    const [id, , , , point] = place?.split(' ') ?? [];
    const [type, source] = content?.split(' ') ?? [];
    if (id === undefined || point === undefined || type === undefined || source === undefined) return [];
    return [{ id: Number(id), point: unescaped(point), type: unescaped(type), source: unescaped(source) }];
  });
}

/** Space, tab, newline and backslash are written in octal. */
function unescaped(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/**
 * The mount that a path is on; null where the system does not tell, as on anything but Linux or without /proc.
 *
 * @param path of something that exists; links are followed
 */
export function mountOf(path: string): Mount | null {
  const mounts = readMounts();
  const id = mountId(path, 0);
  return mounts.find((mount) => mount.id === id) ?? longestPrefix(mounts, path);
}

/**
 * Whether something is mounted at a path itself, as a container has single files mounted. What is mounted may be part
 * of the file system around it, so that the numbers of the devices do not tell.
 *
 * @param path of something that exists; a link at its end is not followed
 */
export function isMountPoint(path: string): boolean {
  const [own, around] = [mountId(path, constants.O_NOFOLLOW), mountId(dirname(path), 0)];
  if (own !== null && around !== null) return own !== around;
  const real = join(realPath(dirname(path)), basename(path));
  return readMounts().some(({ point }) => point === real);
}

function readMounts(): readonly Mount[] {
  if (process.platform !== 'linux') return [];
  try {
    return parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return [];
  }
}

/** The kernel's number of the mount that a path is on, which is exact where mounts lie over each other. */
function mountId(path: string, flags: number): number | null {
  if (process.platform !== 'linux') return null;
  try {
    const descriptor = openSync(path, O_PATH | flags);
    try {
      const [, id] = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')) ?? [];
      return id === undefined ? null : Number(id);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return null;
  }
}

/** Of two at one place, the later one lies over the other. */
function longestPrefix(mounts: readonly Mount[], path: string): Mount | null {
  const real = realPath(path);
  let found: Mount | null = null;
  for (const mount of mounts) {
    const isAround = real === mount.point || real.startsWith(mount.point === '/' ? '/' : `${mount.point}/`);
    if (isAround && mount.point.length >= (found?.point.length ?? 0)) found = mount;
  }
  return found;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
