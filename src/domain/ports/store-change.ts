import type { ActiveStatus, Credential, Owner } from '../credential/credential.js';
import type { Version } from '../credential/version.js';

/** A credential before it has versions and uses. */
export type NewCredential = Omit<Credential, 'versions' | 'owner' | 'lastUsedAt' | 'lastUsedFrom'> & {
  readonly ownerId: string | null;
};

/** Columns of a credential that a change may touch. */
export interface CredentialPatch {
  readonly name?: string;
  readonly status?: ActiveStatus;
  readonly scopes?: readonly string[];
  readonly ownerId?: string | null;
  readonly description?: string | null;
  readonly labels?: ReadonlyMap<string, string>;
  readonly expiresAt?: number | null;
  readonly rotateEvery?: Credential['rotateEvery'];
  readonly rotationDueAt?: number | null;
  readonly updatedAt?: number;
  readonly revision?: number;
}

/** Columns of an owner that a change may touch. */
export type OwnerPatch = Partial<Pick<Owner, 'name' | 'kind' | 'status' | 'updatedAt'>>;

/** Columns of a version that a change may touch. */
export type VersionPatch = Partial<
  Pick<
    Version,
    | 'deliveredAt'
    | 'lapsesAt'
    | 'retiresAt'
    | 'revokedAt'
    | 'ended'
    | 'destinations'
    | 'delivery'
    | 'receivedAt'
    | 'superseded'
    | 'supersede'
  >
>;

/** A version with the hash of its secret. */
export interface NewVersion {
  readonly version: Version;
  readonly hash: string;
}

/** A version that time has ended and that bears no stamp yet. */
export interface OverdueVersion {
  readonly version: Version;
  readonly credential: Pick<Credential, 'id' | 'name' | 'clientId'>;
}
