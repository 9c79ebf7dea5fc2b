import picomatch from 'picomatch';

const SLASH = Buffer.from('/');
const DOT = 0x2e;

/** A path as the system has it: bytes, which need not be UTF-8. */
export function joinedPath(directory: string | Buffer, name: Buffer): Buffer {
  const start = typeof directory === 'string' ? Buffer.from(directory) : directory;
  if (name.length === 0) return start;
  // The present directory is left out, as people write paths.
  if (start.length === 0 || (start.length === 1 && start[0] === DOT)) return name;
  return start.at(-1) === SLASH[0] ? Buffer.concat([start, name]) : Buffer.concat([start, SLASH, name]);
}

/** Whether a path is left out. */
export type Excluded = (relative: string | Buffer, isDirectory: boolean) => boolean;

/**
 * Patterns as `.gitignore` has them: one without a slash fits a name at any depth, any other a path below what is
 * scanned; a directory that fits is left out with all that is in it.
 */
export function excludedBy(patterns: readonly string[]): Excluded {
  if (patterns.length === 0) return () => false;
  const matchers = patterns.map((pattern) => {
    const plain = pattern.replace(/^\//, '').replace(/\/$/, '');
    const fits = picomatch(plain, { dot: true, nonegate: true });
    const isName = !pattern.replace(/\/$/, '').includes('/');
    const forDirectories = pattern.endsWith('/');
    return (path: string, isDirectory: boolean): boolean =>
      (isDirectory || !forDirectories) && fits(isName ? path.slice(path.lastIndexOf('/') + 1) : path);
  });
  return (relative, isDirectory) => {
    const path = relative.toString();
    const parts = path.split('/');
    return parts.some((_part, index) => {
      const isLast = index === parts.length - 1;
      const start = isLast ? path : parts.slice(0, index + 1).join('/');
      return matchers.some((fits) => fits(start, !isLast || isDirectory));
    });
  };
}
