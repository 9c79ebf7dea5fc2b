import type { StoreReader } from '../../domain/ports/store-port.js';
import {
  type Catalog,
  type CredentialType,
  formatResource,
  resourcesAt,
} from '../../domain/scope/catalog.js';
import { safeForTerminal } from '../../domain/text/safe-text.js';
import type { Prompts } from './prompts.js';
import {
  hasSelection,
  resourceChoices,
  type ScopeGroup,
  scopeGroups,
  selectedScopes,
} from './scope-groups.js';

/** Prompts for the credential type, the recommended one first. */
export function askForType(prompts: Prompts): Promise<CredentialType> {
  return prompts.choose<CredentialType>('Type', [
    {
      value: 'oauth2',
      name: 'OAuth 2.0 (recommended)',
      description: 'client id and secret, exchanged for short-lived tokens',
    },
    { value: 'api-key', name: 'API key', description: 'one secret, sent with every request' },
  ]);
}

/** Prompts for scopes, and for a resource where there are several; `held` are preselected. */
export async function askForScopes(
  prompts: Prompts,
  catalog: Catalog,
  type: CredentialType,
  held: readonly string[],
): Promise<readonly string[]> {
  const offered = scopeGroups(catalog, type, held);
  const groups = await prompts.chooseScopes('Scopes', offered);
  const placed: ScopeGroup[] = [];
  for (const group of groups) placed.push(await withResource(prompts, catalog, group, groups));
  return selectedScopes(placed);
}

/** With a single resource at the API's level, the rules for scopes fill it in with a note. */
async function withResource(
  prompts: Prompts,
  catalog: Catalog,
  group: ScopeGroup,
  groups: readonly ScopeGroup[],
): Promise<ScopeGroup> {
  const { api, resource } = group;
  if (resource !== 'chosen-later' || !hasSelection(group) || api.resource === 'none') return group;
  const choices = resourceChoices(catalog, api, groups);
  if (resourcesAt(catalog, api.resource).length === 1 && choices[0]?.level === api.resource) return group;
  const chosen = await prompts.choose(
    safeForTerminal(`Resource for ${api.title}`),
    choices.map((choice) => ({ value: choice, name: safeForTerminal(formatResource(choice)) })),
  );
  return { ...group, resource: chosen };
}

/** Prompts for an owner; skipped when there is none. */
export async function askForOwner(
  prompts: Prompts,
  store: Pick<StoreReader, 'listOwners'>,
  present: string | null,
): Promise<string | null> {
  const owners = await store.listOwners();
  if (owners.length === 0) return null;
  const services = owners.filter(({ kind }) => kind === 'service');
  const people = owners.filter(({ kind }) => kind === 'user');
  return prompts.choose<string | null>(
    'Owner',
    [
      { value: null, name: 'none' },
      ...[...services, ...people].map(({ name, kind, status }) => ({
        value: name,
        name: safeForTerminal(
          `${name} (${kind === 'service' ? 'service account' : 'person'}${status === 'inactive' ? ', inactive' : ''})`,
        ),
      })),
    ],
    present,
  );
}
