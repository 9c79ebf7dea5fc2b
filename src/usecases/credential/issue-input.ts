import type { Duration } from '../../domain/duration.js';
import type { Destination } from '../../domain/ports/ports.js';
import type { CredentialType } from '../../domain/scope/catalog.js';

/**
 * A credential to create. Texts are already parsed; scopes are checked against the catalog by
 * {@link issueCredential}.
 */
export interface IssueInput {
  readonly name: string;
  readonly type: CredentialType;
  readonly scopes: readonly string[];
  readonly owner: string | null;
  readonly description: string | null;
  readonly labels: ReadonlyMap<string, string>;
  /** Epoch milliseconds. */
  readonly expiresAt: number | null;
  /** Whether `expiresAt` was computed relative to the present time. */
  readonly expiryIsCounted?: boolean;
  readonly rotateEvery: Duration | null;
  /** Whether it is a canary, which grants nothing and needs no scopes. */
  readonly canary?: boolean;
  readonly destinations: readonly Destination[];
}
