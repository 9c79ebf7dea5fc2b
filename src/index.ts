/**
 * credctl as a library: issue, rotate and verify API credentials inside a Node.js program, on the same stores as the
 * command line.
 *
 * @packageDocumentation
 */

export type { ClockDoubt } from './domain/clock-doubt.js';
export type {
  ActiveStatus,
  Credential,
  CredentialStatus,
  Owner,
  OwnerKind,
  OwnerSummary,
} from './domain/credential/credential.js';
export { credentialStatus } from './domain/credential/credential.js';
export type { RefusalReason, Verdict } from './domain/credential/verdict.js';
export { type Version, type VersionState, versionState } from './domain/credential/version.js';
export { CredctlError, DeliveryInDoubt, type ErrorCode } from './domain/errors.js';
export type {
  Delivery,
  DeliveryContext,
  Destination,
  HashPolicy,
  IssuedSecret,
} from './domain/ports/ports.js';
export type {
  CredentialQuery,
  CredentialSort,
  Page,
  Store,
  StoreSettings,
} from './domain/ports/store-port.js';
export type {
  Account,
  Api,
  Catalog,
  CredentialType,
  Org,
  Permission,
  Resource,
  ResourceLevel,
} from './domain/scope/catalog.js';
export {
  type Administrator,
  type AdministratorOptions,
  type Author,
  administer,
  type CreateInput,
} from './library/administrator.js';
export { handTo } from './library/callback-destination.js';
export type { ChangeConditions, RotateOptions, StopConditions } from './library/change-options.js';
export { type NewStoreOptions, type OpenStoreOptions, openStore } from './library/open-store.js';
export type { EditChanges } from './library/parsed-input.js';
export type { Verification, VerifiedCredential } from './library/verification.js';
export {
  createVerifier,
  type SecretVerifier,
  type VerifierOptions,
  type VerifyOptions,
} from './library/verifier.js';
export type { Edited } from './usecases/credential/edit.js';
export type { Issued } from './usecases/credential/issue.js';
export type { StepResult } from './usecases/rotation/end-rotation.js';
export type { Rotated } from './usecases/rotation/rotate.js';
export type { CanaryPresented } from './usecases/serving/canary-watch.js';
