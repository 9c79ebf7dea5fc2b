import type { Credential } from '../../domain/credential/credential.js';
import { whyStopped } from '../../domain/credential/stopped.js';
import { byLastUse } from '../../domain/credential/use.js';

/** Credentials named of those that stop. */
const MOST_NAMED = 5;

/** What stops with a change: the credentials that work before it. */
export interface Stopping {
  /** How many there are. */
  readonly count: number;
  /** The most recently used of them, that one first, at most five. */
  readonly latest: readonly Credential[];
}

/**
 * What works of some credentials, and would stop with them.
 *
 * @param pages read one at a time
 * @param now epoch milliseconds
 */
export async function stoppingAmong(
  pages: AsyncIterable<readonly Credential[]> | Iterable<readonly Credential[]>,
  now: number,
): Promise<Stopping> {
  let all: Stopping = { count: 0, latest: [] };
  for await (const page of pages) {
    const working = page.filter((credential) => whyStopped(credential, now) === null);
    all = together(all, { count: working.length, latest: working });
  }
  return all;
}

/** Both, which have no credential in common. */
export function together(one: Stopping, other: Stopping): Stopping {
  return {
    count: one.count + other.count,
    latest: [...one.latest, ...other.latest].sort(byLastUse).slice(0, MOST_NAMED),
  };
}
