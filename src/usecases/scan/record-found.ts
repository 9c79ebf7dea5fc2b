import { CredctlError } from '../../domain/errors.js';
import type { ScanFinding } from '../../domain/scan/finding.js';
import { positionText } from '../../domain/scan/place.js';
import type { ChangeDependencies } from '../change.js';
import { recordLeaks } from '../leak/record-leaks.js';

/** Records what was found live, where this login may write: a scan answers on a store that can only be read as well. */
export async function recordFound(deps: ChangeDependencies, findings: readonly ScanFinding[]): Promise<void> {
  const leaks = findings.flatMap(({ secret: { handle, kind }, standing, places }) => {
    if (standing.state !== 'live') return [];
    const { credential, version } = standing;
    const leak = {
      handle,
      kind,
      credentialId: credential.id,
      version: version.number,
      source: 'scan',
    } as const;
    return places.map((place) => ({ ...leak, place: positionText(place) }));
  });
  try {
    await recordLeaks(deps, leaks);
  } catch (fault) {
    if (fault instanceof CredctlError && (fault.code === 'denied' || fault.code === 'store_unavailable'))
      return;
    throw fault;
  }
}
