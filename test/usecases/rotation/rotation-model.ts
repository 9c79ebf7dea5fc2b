import type { Supersede } from '../../../src/domain/credential/version.js';

const LAPSE_MS = 600_000;

/** What the model knows of one secret. */
export interface ModelVersion {
  readonly id: string;
  /** Empty when it never reached its destination. */
  readonly secret: string;
  readonly createdAt: number;
  /** Lapses unless it is used: its destination leaves no trace that would prove delivery. */
  readonly isTransient: boolean;
  readonly supersede: Supersede;
  isDelivered: boolean;
  isUsed: boolean;
  isEnded: boolean;
  retiresAt: number;
  /** What the versions that were superseded by this one had before. */
  readonly superseded: Map<ModelVersion, number>;
}

/** How an attempt to hand over a secret ended. */
export type Outcome = 'delivered' | 'failed' | 'lost' | 'cut-off';

/** A rotation as the product's documentation tells it, with nothing but a list in memory. */
export class RotationModel {
  now: number;
  /** Oldest first; those of earlier credentials of the name are ended, but not forgotten. */
  readonly versions: ModelVersion[] = [];
  /** Whether the last secret was revoked by a command. */
  isLockedOnPurpose = false;

  constructor(now: number) {
    this.now = now;
  }

  /** Whether the secret was received: delivered, or used. */
  isKnown(version: ModelVersion): boolean {
    return version.isDelivered || version.isUsed;
  }

  mayWork(version: ModelVersion): boolean {
    return !version.isEnded && version.retiresAt > this.now && !this.hasLapsed(version);
  }

  hasLapsed(version: ModelVersion): boolean {
    return version.isTransient && !this.isKnown(version) && this.now >= version.createdAt + LAPSE_MS;
  }

  /** The versions that may work, oldest first. */
  working(): readonly ModelVersion[] {
    return this.versions.filter((version) => this.mayWork(version));
  }

  /** A secret was received, and no command revoked the last one. */
  get mustWork(): boolean {
    return !this.isLockedOnPurpose && this.versions.some((version) => this.isKnown(version));
  }

  /** A new credential of the name: whatever there was before it is over. */
  startAnew(): void {
    for (const version of this.versions) version.isEnded = true;
    this.isLockedOnPurpose =
      !this.versions.some((version) => this.isKnown(version)) && this.isLockedOnPurpose;
  }

  add(version: Pick<ModelVersion, 'id' | 'secret' | 'isTransient' | 'supersede'>, outcome: Outcome): void {
    const added: ModelVersion = {
      ...version,
      createdAt: this.now,
      isDelivered: false,
      isUsed: false,
      isEnded: outcome === 'failed',
      retiresAt: Number.POSITIVE_INFINITY,
      superseded: new Map(),
    };
    this.versions.push(added);
    if (outcome === 'delivered') this.confirm(added);
  }

  /** Transaction B. */
  confirm(version: ModelVersion): void {
    version.isDelivered = true;
    this.isLockedOnPurpose = false;
    for (const older of this.working().filter((each) => each !== version)) {
      if (version.supersede.kind === 'revoke') {
        older.isEnded = true;
      } else {
        version.superseded.set(older, older.retiresAt);
        older.retiresAt = Math.min(older.retiresAt, this.now + version.supersede.ms);
      }
    }
  }

  finish(): void {
    for (const version of this.working()) {
      if (version.retiresAt !== Number.POSITIVE_INFINITY) version.isEnded = true;
    }
  }

  abort(): void {
    const newest = this.working().at(-1);
    if (newest === undefined) return;
    for (const [older, retiresAt] of newest.superseded) older.retiresAt = retiresAt;
    newest.isEnded = true;
    if (this.working().length === 0) this.isLockedOnPurpose = true;
  }

  resume(): void {
    const pending = this.working().filter((version) => !version.isDelivered && version.retiresAt > 1e15);
    const newest = pending.at(-1);
    if (newest !== undefined) this.confirm(newest);
  }
}
