import type { StoreReader } from '../../domain/ports/store-port.js';
import type { CredentialType } from '../../domain/scope/catalog.js';
import { nameChecks } from './answer-checks.js';
import type { Prompts } from './prompts.js';
import { askForAdmittedType, askForOwner, askForScopes } from './questions.js';

/** Values from the command line; null for those to be asked for. */
export interface GivenForCreate {
  readonly name: string | null;
  readonly type: CredentialType | null;
  readonly scopes: readonly string[];
  readonly owner: string | null;
  /** A canary needs no scopes. */
  readonly canary: boolean;
}

/** Complete answers for a new credential. */
export interface CreateAnswers {
  readonly name: string;
  readonly type: CredentialType;
  readonly scopes: readonly string[];
  readonly owner: string | null;
}

/** The answers when the command line has a name and the scopes that it takes; null when prompts are needed. */
export function completeAnswers({ name, type, scopes, owner, canary }: GivenForCreate): CreateAnswers | null {
  if (name === null || (scopes.length === 0 && !canary)) return null;
  return { name, type: type ?? 'oauth2', scopes, owner };
}

/**
 * Prompts for missing values only.
 *
 * @throws CredctlError `interrupted` on Ctrl-C
 */
export async function askForCredential(
  prompts: Prompts,
  store: StoreReader,
  given: GivenForCreate,
): Promise<CreateAnswers> {
  const name = given.name ?? (await prompts.line('Name', nameChecks(store, null)));
  const catalog = await store.catalog();
  const type = given.type ?? (await askForAdmittedType(prompts, catalog));
  const isGiven = given.scopes.length > 0 || given.canary;
  const scopes = isGiven ? given.scopes : await askForScopes(prompts, catalog, type, []);
  const owner = given.owner ?? (await askForOwner(prompts, store, null));
  return { name, type, scopes, owner };
}
