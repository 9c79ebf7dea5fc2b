import { delimiter } from 'node:path';
import { isUndecodable } from '../../domain/text/utf8.js';

/** The environment variables of a process. */
type Environment = Readonly<Record<string, string | undefined>>;

/** What a program that is started here gets as its environment. */
export interface HandedOn {
  readonly env: Environment;
  /** Variables that are left out of it, or for PATH some of whose directories are. */
  readonly leftOut: readonly string[];
}

/**
 * An environment without what is not valid UTF-8. Node.js has decoded the variables and would hand U+FFFD on in the
 * place of the bytes: a command that is told another path writes there, and succeeds. Without the variable it fails, or
 * can do without. PATH keeps its other directories.
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
 * An environment for a command that takes a secret over: it gets that secret, and nothing that leads to the others. What
 * is about credctl itself is left out, and the password of the database where the store was opened with it.
 *
 * @param hasOpenedStore whether PGPASSWORD was what opened the store
 */
export function withoutStore(env: Environment, hasOpenedStore: boolean): Environment {
  const kept = Object.entries(env).filter(
    ([name]) => !name.startsWith('CREDCTL_') && !(hasOpenedStore && name === 'PGPASSWORD'),
  );
  return Object.fromEntries(kept);
}
