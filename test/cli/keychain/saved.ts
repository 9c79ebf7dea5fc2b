import { z } from 'zod';
import type { KeyringSession } from './with-keyring.js';

/** What `create` needs for an API key. */
export const KEY = ['--type', 'api-key', '--scope', 'data:users'];

export const STATE = z.enum(['pending', 'current', 'retiring', 'retired', 'revoked', 'lapsed']);
const LIST = z.strictObject({
  schema_version: z.literal(1),
  entries: z.array(z.strictObject({ name: z.string(), version: z.int(), state: STATE })),
});

/** What the keychain holds: name, version and state of each entry. */
export async function listed(session: KeyringSession): Promise<readonly string[]> {
  const { entries } = await session.json(LIST, 'keychain', 'list');
  return entries.map(({ name, version, state }) => `${name} ${version} ${state}`);
}
