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
    `from now on the audit trail covers ${counted(credentials, 'credential')} completely; ${hashes === 1 ? '1 hash' : `${hashes} hashes`} could not be checked against older events`,
    ...(contradicted.length === 0
      ? []
      : [`the older audit trail contradicts the store: ${named}${more}; see 'credctl store check'`]),
  ];
}
