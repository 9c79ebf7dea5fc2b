import { closeSync, constants, openSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Linux's O_PATH, which Node does not export: the descriptor serves only for queries, needs no read permission, and
 * closing it drops no locks (open(2)).
 */
export const O_PATH = 0o10000000;

/** A line of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export interface Mount {
  readonly id: number;
  /** The mount point, as this process sees it. */
  readonly point: string;
  /** Such as `ext4` or `fuse.sshfs`. */
  readonly type: string;
  /** The mounted source, in terms of its type: a device, `host:/export`, a directory. */
  readonly source: string;
}

/** Parses /proc/self/mountinfo. Malformed lines are left out. */
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

/** Space, tab, newline and backslash are escaped in octal. */
function unescaped(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/**
 * The mount that a path is on; null where it is not known, as on systems other than Linux or without /proc.
 *
 * @param path must exist; links are followed
 */
export function mountOf(path: string): Mount | null {
  const mounts = readMounts();
  const id = mountId(path, 0);
  return mounts.find((mount) => mount.id === id) ?? longestPrefix(mounts, path);
}

/**
 * Whether a path is itself a mount point, as for single files mounted into a container. A bind mount may be of the
 * same file system, so device numbers do not tell.
 *
 * @param path must exist; a symbolic link at its end is not followed
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

/** The kernel's mount id of a path (fdinfo), which is exact for stacked mounts. */
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

/** Of two mounts at one point, the later one covers the other. */
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
