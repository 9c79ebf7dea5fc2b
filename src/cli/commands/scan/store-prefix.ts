import { parsePrefix } from '../../../domain/secret/secret-format.js';
import type { GlobalOptions } from '../../flags/global.js';
import type { Host } from '../../host/host.js';
import { closing, note, noteCopy, openedForReading } from '../../session.js';

/**
 * The prefix that a rule or a hook looks for: the given one, else the store's. Without a store it is the one that the
 * next store would have, which is noted.
 *
 * @throws CredctlError `usage` where the given one is none
 */
export async function prefixFor(
  host: Host,
  globals: GlobalOptions,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) return parsePrefix(given);
  const store = await openedForReading(host, globals);
  return closing(store, async () => {
    const placing = await noteCopy(host, globals, store);
    const { prefix } = await store.settings();
    if (placing.kind === 'none')
      note(host, globals, `note: there is no store yet; this is for the prefix ${prefix}, or give --prefix`);
    return prefix;
  });
}
