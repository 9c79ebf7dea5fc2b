import type { Credential } from '../credential/credential.js';
import type { Version } from '../credential/version.js';
import type { CredentialType } from '../scope/catalog.js';

/** A version found by the id in a presented secret. */
export interface PresentedVersion {
  readonly credential: Credential;
  readonly version: Version;
  readonly hash: string;
}

/** The part of a version that a secret is compared with. */
export interface ComparableVersion {
  readonly hash: string;
  readonly type: CredentialType;
  readonly clientId: string | null;
  readonly canary: boolean;
}

/** An access token as stored. Times are epoch milliseconds. */
export interface AccessToken {
  readonly id: string;
  readonly credentialId: string;
  readonly versionId: string;
  /** SHA-256 of the secret part, hex. */
  readonly digest: string;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** An access token found by its id, with the version that obtained it. */
export interface PresentedToken {
  readonly credential: Credential;
  readonly version: Version;
  readonly token: AccessToken;
}

/** Tombstone of a deleted credential. */
export interface DeletedCredential {
  readonly id: string;
  /** Its last name; null where the trail does not record it. */
  readonly name: string | null;
  readonly clientId: string | null;
  /** Epoch milliseconds. */
  readonly deletedAt: number;
}
