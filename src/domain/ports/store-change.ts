import type { ActiveStatus, Credential, Owner } from '../credential/credential.js';
import type { Version } from '../credential/version.js';

/** A credential to insert, without versions and uses. */
export type NewCredential = Omit<Credential, 'versions' | 'owner' | 'lastUsedAt' | 'lastUsedFrom'> & {
  readonly ownerId: string | null;
};

/** Updatable columns of a credential. */
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

/** Updatable columns of an owner. */
export type OwnerPatch = Partial<Pick<Owner, 'name' | 'kind' | 'status' | 'updatedAt'>>;

/** Updatable columns of a version. */
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

/** A version past its deadline without a stamp. */
export interface OverdueVersion {
  readonly version: Version;
  readonly credential: Pick<Credential, 'id' | 'name' | 'clientId'>;
}
