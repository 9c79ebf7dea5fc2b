import type { StoreReader } from '../../domain/ports/store-port.js';
import type { CredentialType } from '../../domain/scope/catalog.js';
import { nameChecks } from './answer-checks.js';
import type { Prompts } from './prompts.js';
import { askForOwner, askForScopes, askForType } from './questions.js';

/** What the command line said about a new credential; null for what it left open. */
export interface GivenForCreate {
  readonly name: string | null;
  readonly type: CredentialType | null;
  readonly scopes: readonly string[];
  readonly owner: string | null;
}

/** All that a form for a new credential answers. */
export interface CreateAnswers {
  readonly name: string;
  readonly type: CredentialType;
  readonly scopes: readonly string[];
  readonly owner: string | null;
}

/** The answers, where the command line gave a name and scopes; null where something has to be asked. */
export function completeAnswers({ name, type, scopes, owner }: GivenForCreate): CreateAnswers | null {
  return name === null || scopes.length === 0 ? null : { name, type: type ?? 'oauth2', scopes, owner };
}

/** Asks for what was left open, and for nothing else. @throws CredctlError `interrupted` on Ctrl-C */
export async function askForCredential(
  prompts: Prompts,
  store: StoreReader,
  given: GivenForCreate,
): Promise<CreateAnswers> {
  const name = given.name ?? (await prompts.line('Name', nameChecks(store, null)));
  const type = given.type ?? (await askForType(prompts));
  const scopes =
    given.scopes.length > 0 ? given.scopes : await askForScopes(prompts, await store.catalog(), type, []);
  const owner = given.owner ?? (await askForOwner(prompts, store, null));
  return { name, type, scopes, owner };
}
