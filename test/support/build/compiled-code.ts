import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One $XDG_CACHE_HOME for all tests, so that what V8 has compiled of the program serves each of their starts. */
export const CACHE_HOME = join(
  fileURLToPath(new URL('../../..', import.meta.url)),
  ...['node_modules', '.cache', 'credctl-test', 'compiled'],
);
