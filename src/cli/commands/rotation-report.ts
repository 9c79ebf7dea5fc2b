import type { Credential } from '../../domain/credential/credential.js';
import { type Version, versionState } from '../../domain/credential/version.js';
import { obstacleTo } from '../../usecases/credential/obstacle.js';
import type { Rotated } from '../../usecases/rotation/rotate.js';
import { noteDelivery, printOutcome } from '../delivery/report.js';
import type { DeliveryRoute } from '../flags/delivery.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { credentialView, timeOrNull } from '../render/views.js';
import { note } from '../session.js';

/** Reports the result of a rotation. */
export function reportRotation(
  host: Host,
  globals: GlobalOptions,
  result: Rotated,
  route: DeliveryRoute,
  prefix: string,
): void {
  const now = host.clock.now();
  if (globals.json && !(result.rotated && route.usesStdout)) {
    const newest = result.rotated ? result.version : currentVersion(result.credential, now);
    printOutcome(host, {
      credential: credentialView(result.credential, prefix, now),
      version: newest?.number ?? null,
      secret: null,
      delivered_to: result.rotated ? result.deliveredTo : [],
      rotated: result.rotated,
    });
  }
  if (!result.rotated) {
    note(host, globals, `the secret of ${result.credential.name} is younger than that; nothing was changed`);
    return;
  }
  note(host, globals, `${result.credential.name} is at version ${result.version.number}`);
  const retiring = result.credential.versions.filter((version) => versionState(version, now) === 'retiring');
  for (const version of retiring) {
    note(host, globals, `version ${version.number} works until ${timeOrNull(version.retiresAt)}`);
  }
  noteDelivery(host, globals, route);
  const obstacle = obstacleTo(result.credential, now);
  if (obstacle === null) return;
  note(host, globals, `note: ${obstacle.fact}: none of its secrets works; ${obstacle.wayOut}`);
}

function currentVersion(credential: Credential, now: number): Version | undefined {
  return credential.versions.find((version) => versionState(version, now) === 'current');
}
