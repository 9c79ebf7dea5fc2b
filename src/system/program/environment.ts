import { delimiter } from 'node:path';
import { isUndecodable } from '../../domain/text/utf8.js';

/** The environment variables of a process. */
type Environment = Readonly<Record<string, string | undefined>>;

/** The environment passed to a child program. */
export interface HandedOn {
  readonly env: Environment;
  /** Variables that were dropped; for PATH, some of its directories were. */
  readonly leftOut: readonly string[];
}

/**
 * Drops variables that are not valid UTF-8. Node.js decodes them and would pass U+FFFD on instead of the bytes:
 * a command would silently use a wrong path, while a missing variable fails or is optional. PATH keeps its
 * valid directories.
 */
export function handedOn(env: Environment): HandedOn {
  const leftOut = Object.entries(env).flatMap(([name, value]) =>
    isUndecodable(name) || isUndecodable(value ?? '') ? [name] : [],
  );
  if (leftOut.length === 0) return { env, leftOut };
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !leftOut.includes(name)));
  const path = env['PATH'];
  if (!leftOut.includes('PATH') || path === undefined) return { env: kept, leftOut };
  const directories = path.split(delimiter).filter((directory) => !isUndecodable(directory));
  return { env: { ...kept, PATH: directories.join(delimiter) }, leftOut };
}

/**
 * The environment of a command that receives a secret: without credctl's own variables, and without the
 * database password where the store was opened with it.
 *
 * @param hasOpenedStore whether the store was opened with PGPASSWORD
 */
export function withoutStore(env: Environment, hasOpenedStore: boolean): Environment {
  const kept = Object.entries(env).filter(
    ([name]) => !name.startsWith('CREDCTL_') && !(hasOpenedStore && name === 'PGPASSWORD'),
  );
  return Object.fromEntries(kept);
}
