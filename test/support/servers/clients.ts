import { composeSecret, parseSecret } from '../../../src/domain/secret/secret-format.js';
import type { Session } from '../program/run.js';

/** An OAuth client of a store. */
export interface TestClient {
  readonly clientId: string;
  readonly secret: string;
}

/** Creates an OAuth client. */
export async function issueClient(
  session: Session,
  name: string,
  ...flags: readonly string[]
): Promise<TestClient> {
  const scopes = flags.includes('--scope') ? [] : ['--scope', 'data:*'];
  return clientIn(await session.ok('create', name, '--type', 'oauth2', ...scopes, ...flags, '--json'));
}

/** The client in the document of a `create` or a `rotate`. */
export function clientIn(json: string): TestClient {
  const { secret } = JSON.parse(json) as { secret: { client_id: string; client_secret: string } };
  return { clientId: secret.client_id, secret: secret.client_secret };
}

/** A well-formed secret with the same public part, of one letter. */
export function forged(secret: string, letter = 'f'): string {
  const parsed = parseSecret(secret);
  if (parsed === null) throw new Error('not a secret');
  return composeSecret(parsed.prefix, parsed.kind, parsed.id, letter.repeat(43));
}

/** A well-formed secret that no store holds. */
export function unknownSecret(kind: 'key' | 'sec' | 'tok', n = 0): string {
  return composeSecret('cctl', kind, `Nobody${String(n).padStart(6, '0')}`, 'u'.repeat(43));
}
