import type { StoreReader } from '../../domain/ports/store-port.js';
import {
  type Catalog,
  CREDENTIAL_TYPES,
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
} from './scopes/groups.js';

/** The recommended type comes first. */
function askForType(prompts: Prompts): Promise<CredentialType> {
  return prompts.choose<CredentialType>('Type', [
    {
      value: 'oauth2',
      name: 'OAuth 2.0 (recommended)',
      description: 'client id and secret, exchanged for short-lived tokens',
    },
    { value: 'api-key', name: 'API key', description: 'one secret, sent with every request' },
  ]);
}

const TYPE_NAMES: Readonly<Record<CredentialType, string>> = {
  oauth2: 'OAuth 2.0 clients',
  'api-key': 'API keys',
};

/** Whether an API of the catalog, other than credctl's own, admits credentials of a type. */
export function isAdmitted(catalog: Catalog, type: CredentialType): boolean {
  return catalog.apis.some((api) => api.types.includes(type));
}

/**
 * Prompts for the type until one is chosen that an API of the catalog admits, or that is wanted for credctl's own scopes
 * alone.
 */
export async function askForAdmittedType(prompts: Prompts, catalog: Catalog): Promise<CredentialType> {
  for (;;) {
    const type = await askForType(prompts);
    if (isAdmitted(catalog, type) || !CREDENTIAL_TYPES.some((other) => isAdmitted(catalog, other)))
      return type;
    const goesBack = await prompts.choose(`No API of this catalog allows ${TYPE_NAMES[type]}`, [
      { value: true, name: 'choose another type' },
      { value: false, name: "continue with credctl's own scopes only" },
    ]);
    if (!goesBack) return type;
  }
}

/** Prompts for scopes, and for resources where there are several; `held` are preselected. */
export async function askForScopes(
  prompts: Prompts,
  catalog: Catalog,
  type: CredentialType,
  held: readonly string[],
): Promise<readonly string[]> {
  const offered = scopeGroups(catalog, type, held);
  const remark = isAdmitted(catalog, type) ? '' : ` (no API of this catalog allows ${TYPE_NAMES[type]})`;
  const groups = await prompts.chooseScopes(`Scopes${remark}`, offered);
  const placed: ScopeGroup[] = [];
  for (const group of groups) placed.push(...(await withResources(prompts, catalog, group, groups)));
  return selectedScopes(placed);
}

/**
 * A group for each of the resources chosen. With a single resource at the API's level, the rules for scopes fill it in
 * with a note.
 */
async function withResources(
  prompts: Prompts,
  catalog: Catalog,
  group: ScopeGroup,
  groups: readonly ScopeGroup[],
): Promise<readonly ScopeGroup[]> {
  const { api, resource } = group;
  if (resource !== 'chosen-later' || !hasSelection(group) || api.resource === 'none') return [group];
  const choices = resourceChoices(catalog, api, groups);
  if (resourcesAt(catalog, api.resource).length === 1 && choices[0]?.level === api.resource) return [group];
  const chosen = await prompts.chooseSeveral(
    safeForTerminal(`Resources for ${api.title}`),
    choices.map((choice) => ({ value: choice, name: safeForTerminal(formatResource(choice)) })),
  );
  return chosen.map((each) => ({ ...group, resource: each }));
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
