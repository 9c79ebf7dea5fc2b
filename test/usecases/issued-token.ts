import { composeSecret } from '../../src/domain/secret/secret-format.js';
import { newVersionId } from '../storage/fixtures.js';
import type { Scenario } from './scenario.js';

/** How long the tokens work that are issued here, in milliseconds. */
export const LIFETIME = 60_000;

/** An access token of `ci-bot`'s newest version, as a client presents it. */
export async function issueToken(scenario: Scenario, scopes: readonly string[]): Promise<string> {
  const { id: credentialId, versions } = await scenario.show();
  const id = newVersionId();
  const secret = 'S'.repeat(43);
  await scenario.store.write((tx) =>
    tx.insertToken({
      id,
      credentialId,
      versionId: versions[0]?.id ?? '',
      digest: scenario.hasher.digest(secret),
      scopes,
      issuedAt: scenario.clock.now(),
      expiresAt: scenario.clock.now() + LIFETIME,
    }),
  );
  return composeSecret('cctl', 'tok', id, secret);
}
