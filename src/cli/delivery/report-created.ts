import type { Credential } from '../../domain/credential/credential.js';
import { newestReceived } from '../../domain/credential/version.js';
import type { Issued } from '../../usecases/credential/issue.js';
import { obstacleTo } from '../../usecases/credential/obstacle.js';
import type { DeliveryRoute } from '../flags/delivery.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { jsonDocument } from '../render/json.js';
import { credentialView } from '../render/views.js';
import { note } from '../session.js';
import { noteDelivery, printOutcome } from './report.js';

/** Reports that a credential exists with the values asked for. */
export function reportPresent(
  host: Host,
  globals: GlobalOptions,
  credential: Credential,
  prefix: string,
): void {
  const { name } = credential;
  const now = host.clock.now();
  if (globals.json) {
    const view = credentialView(credential, prefix, now);
    const version = newestReceived(credential.versions)?.number ?? null;
    host.out.write(
      jsonDocument({ credential: view, version, secret: null, delivered_to: [], created: false }),
    );
  }
  note(host, globals, `${name} exists with these values; no secret was issued`);
  const obstacle = obstacleTo(credential, now);
  if (obstacle !== null) note(host, globals, `note: ${obstacle.fact}; ${obstacle.wayOut}`);
}

/**
 * Reports a created credential.
 *
 * @returns its name
 */
export function reportCreated(
  host: Host,
  globals: GlobalOptions,
  issued: Issued,
  route: DeliveryRoute,
  prefix: string,
): string {
  const { credential, version } = issued;
  if (globals.json && !route.usesStdout) {
    printOutcome(host, {
      credential: credentialView(credential, prefix, host.clock.now()),
      version: version.number,
      secret: null,
      delivered_to: issued.deliveredTo,
      created: true,
    });
  }
  for (const text of issued.notes) note(host, globals, `note: ${text}`);
  const what = credential.type === 'api-key' ? 'API key' : 'OAuth 2.0 client';
  const id = credential.clientId === null ? '' : ` (${credential.clientId})`;
  const canary = credential.canary ? ', a canary' : '';
  const scopes = credential.scopes.length === 0 ? '' : ` with ${credential.scopes.join(', ')}`;
  note(host, globals, `created ${what} ${credential.name}${id}${canary}${scopes}`);
  if (credential.canary)
    note(host, globals, "plant it where nothing should look; 'credctl leaks' shows who used it");
  noteDelivery(host, globals, route);
  return credential.name;
}
