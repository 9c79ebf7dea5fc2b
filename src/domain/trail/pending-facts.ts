import type { AuditEntry } from '../ports/audit-port.js';
import type { JsonValue } from '../text/canonical-json.js';
import { type Facts, untold, type VersionFacts } from './facts.js';

/** Changes of a transaction that none of its events has recorded yet. */
export class PendingFacts {
  readonly #credentials = new Map<string, Facts>();
  readonly #versions = new Map<string, VersionFacts>();

  /** @param id of the credential */
  note(id: string, facts: Facts): void {
    if (Object.keys(facts).length > 0) {
      this.#credentials.set(id, { ...this.#credentials.get(id), ...facts });
    }
  }

  noteVersion(id: string, facts: VersionFacts): void {
    if (Object.keys(facts).length > 0) this.#versions.set(id, { ...this.#versions.get(id), ...facts });
  }

  /** Drops the changes of a deleted credential, which need no record. */
  forget(id: string): void {
    this.#credentials.delete(id);
    this.#versions.clear();
  }

  /**
   * The details of an event with the pending facts; changes of versions go to the next event about a
   * credential.
   */
  detailsOf({ action, target, details }: AuditEntry): AuditEntry['details'] {
    if (target.kind !== 'credential' || target.id === null) return details;
    const own = untold(action, this.#credentials.get(target.id) ?? {});
    const versions = Object.fromEntries(this.#versions);
    this.forget(target.id);
    if ('facts' in details) return details;
    const facts = { ...own, ...(Object.keys(versions).length === 0 ? {} : { versions }) };
    return Object.keys(facts).length === 0 ? details : { ...details, facts: factsJson(facts) };
  }
}

/** Serialises facts for an event. */
export function factsJson({ versions, ...plain }: Facts): JsonValue {
  return {
    ...plain,
    ...(versions === undefined
      ? {}
      : {
          versions: Object.fromEntries(Object.entries(versions).map(([id, facts]) => [id, { ...facts }])),
        }),
  };
}
