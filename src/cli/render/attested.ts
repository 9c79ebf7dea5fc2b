import type { Attested } from '../../domain/ports/migration-port.js';
import { counted } from '../../domain/text/counted.js';

/** Maximum number of names in a line. */
const NAMED = 10;

/** Describes what a migration attested without a check, and the contradictions it found. */
export function attestedLines({ credentials, hashes, contradicted }: Attested): readonly string[] {
  if (credentials === 0) return [];
  const named = contradicted.slice(0, NAMED).join(', ');
  const more = contradicted.length > NAMED ? `, and ${contradicted.length - NAMED} more` : '';
  return [
    `from now on the audit trail tells all of ${counted(credentials, 'credential')}; ${hashes === 1 ? '1 hash was taken as it is' : `${hashes} hashes were taken as they are`}, since no older event tells what they must be`,
    ...(contradicted.length === 0
      ? []
      : [`the older audit trail contradicts the store: ${named}${more}; see 'credctl store check'`]),
  ];
}
