import type { AuditEvent } from '../audit-event.js';
import { ID_LENGTH } from '../secret/secret-format.js';
import { type DerivedVersion, unknownVersion } from './derived.js';
import { isObject, numberOf, numberOrNull, numbersOf, objectIn, textOf, textOrNull } from './details.js';
import { ToldEnds } from './told-ends.js';

/** Derives the versions of one credential by applying its events in order. */
export class VersionsFromTrail {
  readonly #versions = new Map<string, DerivedVersion>();
  readonly #ends = new ToldEnds();
  /** Grace by version id, in milliseconds, from the rotation events; immutable. */
  readonly #graces = new Map<string, number | null>();
  /**
   * The ends of older versions before a delivery recorded by an older program, by the number of the delivered
   * version.
   */
  readonly #endsBefore = new Map<number, ReadonlyMap<string, number | null>>();

  get versions(): ReadonlyMap<string, DerivedVersion> {
    return this.#versions;
  }

  apply(event: AuditEvent): void {
    const { action, details, alg } = event;
    const number = numberOf(details['version']);
    switch (action) {
      case 'credential.create':
      case 'credential.rotate':
        this.#issue(number, textOf(details['handle']), details);
        break;
      case 'credential.attest':
        this.#versions.clear();
        this.#ends.clear();
        break;
      case 'version.lapse':
        this.#change((lapsed) => lapsed === number, { hasLapsed: true });
        break;
      case 'version.doubt':
        this.#change((doubted) => doubted === number, { lapsesAt: null });
        break;
    }
    if (alg === undefined) this.#applyOlder(event, number);
    this.#applyFacts(objectIn(objectIn(details, 'facts') ?? {}, 'versions') ?? {}, event);
  }

  /** Applies an event of an older program, which identifies versions by number only. */
  #applyOlder({ action, details, at }: AuditEvent, number: number | undefined): void {
    switch (action) {
      case 'credential.deliver':
      case 'credential.rotate.deliver':
        if (number !== undefined) this.#supersede(number, at);
        break;
      case 'credential.rotate.fail':
        this.#end((failed) => failed === number, at);
        break;
      case 'credential.rotate.abort':
        this.#takeBack(numberOf(details['revoked']), at);
        this.#end((revoked) => revoked === details['revoked'], at);
        break;
      case 'credential.rotate.finish':
        this.#end((finished) => numbersOf(details['versions']).includes(finished), at);
        break;
    }
  }

  /** Resets ends: a restore by an older program changed versions without recording it. */
  forgetEnds(): void {
    this.#change(() => true, { latestEnd: null, hasLapsed: false });
  }

  /** A delivery ends older versions, after its grace or at once. */
  #supersede(number: number, at: number): void {
    const graceMs = [...this.#versions.values()].find((version) => version.number === number)?.graceMs;
    if (graceMs === undefined) return;
    this.#endsBefore.set(number, new Map([...this.#versions].map(([id, { latestEnd }]) => [id, latestEnd])));
    this.#end((older) => older < number, at + (graceMs ?? 0));
  }

  /** Undoes the supersession by a version that was taken back; ends recorded in between remain. */
  #takeBack(number: number | undefined, at: number): void {
    for (const [id, latestEnd] of (number === undefined ? null : this.#endsBefore.get(number)) ?? []) {
      const version = this.#versions.get(id);
      if (version?.latestEnd != null && version.latestEnd > at)
        this.#versions.set(id, { ...version, latestEnd });
    }
  }

  #issue(number: number | undefined, handle: string | undefined, details: AuditEvent['details']): void {
    if (handle === undefined) return;
    const id = handle.slice(-ID_LENGTH);
    const graceMs = details['revoke_older'] === true ? null : numberOf(details['grace_ms']);
    if (graceMs !== undefined) this.#graces.set(id, graceMs);
    this.#versions.set(id, { ...unknownVersion(id), number, graceMs });
  }

  #end(which: (number: number) => boolean, latest: number): void {
    for (const [id, version] of this.#versions) {
      const { number, latestEnd } = version;
      if (number === undefined || !which(number)) continue;
      this.#versions.set(id, { ...version, latestEnd: Math.min(latestEnd ?? latest, latest) });
    }
  }

  #change(which: (number: number) => boolean, change: Partial<DerivedVersion>): void {
    for (const [id, version] of this.#versions) {
      if (version.number !== undefined && which(version.number))
        this.#versions.set(id, { ...version, ...change });
    }
  }

  #applyFacts(versions: AuditEvent['details'], event: AuditEvent): void {
    for (const [id, facts] of Object.entries(versions)) {
      if (!isObject(facts)) continue;
      const before = this.#versions.get(id) ?? { ...unknownVersion(id), graceMs: this.#graces.get(id) };
      const told = {
        number: numberOf(facts['number']),
        sha256: textOrNull(facts['sha256']),
        deliveredAt: numberOrNull(facts['delivered_at']),
        lapsesAt: numberOrNull(facts['lapses_at']),
        retiresAt: numberOrNull(facts['retires_at']),
        revokedAt: numberOrNull(facts['revoked_at']),
        hasLapsed: typeof facts['lapsed'] === 'boolean' ? facts['lapsed'] : undefined,
      };
      const known = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
      if (told.sha256 === undefined) {
        const ends = this.#ends.believed(before, told, event);
        this.#versions.set(id, { ...before, ...known, ...ends });
      } else {
        // Facts with a hash are complete: absent fields are null.
        this.#versions.set(id, { ...before, ...NOTHING_YET, ...known });
        if (event.action !== 'credential.attest') this.#ends.begin(id);
      }
    }
  }
}

const NOTHING_YET = {
  deliveredAt: null,
  lapsesAt: null,
  retiresAt: null,
  revokedAt: null,
  hasLapsed: false,
  latestEnd: null,
} as const;
