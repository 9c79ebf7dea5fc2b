import {
  type Api,
  allApis,
  type Catalog,
  type CredentialType,
  formatResource,
  RESOURCE_LEVELS,
  type Resource,
  resourcesAt,
} from '../../../domain/scope/catalog.js';
import { formatScope, parseScope } from '../../../domain/scope/scope.js';
import { safeForTerminal } from '../../../domain/text/safe-text.js';

/** The resource of a group's scopes: none, a known one, or one chosen later. */
export type GroupResource = Resource | 'none' | 'chosen-later';

/** The scopes of one API in a form, with their selection. */
export interface ScopeGroup {
  readonly api: Api;
  readonly resource: GroupResource;
  /** Whether `<api>:*` is selected. */
  readonly isWhole: boolean;
  /** Ids of individually selected permissions. */
  readonly permissions: ReadonlySet<string>;
}

/**
 * The groups available to a credential type, with the held scopes selected. An API with resources has one group
 * per held resource, and one for a resource chosen later.
 */
export function scopeGroups(
  catalog: Catalog,
  type: CredentialType,
  held: readonly string[],
): readonly ScopeGroup[] {
  const scopes = held.map((scope) => parseScope(scope));
  return allApis(catalog)
    .filter((api) => api.types.includes(type))
    .flatMap((api) => {
      const own = scopes.filter((scope) => scope.api === api.id);
      if (api.resource === 'none') return [group(api, 'none', own)];
      const resources = [...new Map(own.map(({ resource }) => [nameOf(resource), resource])).values()];
      const known = resources.flatMap((resource) =>
        resource === null
          ? []
          : [
              group(
                api,
                resource,
                own.filter((scope) => nameOf(scope.resource) === nameOf(resource)),
              ),
            ],
      );
      const others = resourceChoices(catalog, api, known);
      return others.length === 0 ? known : [...known, group(api, 'chosen-later', [])];
    });
}

/** Resources of the API that no group has yet, those at its own level first. */
export function resourceChoices(
  catalog: Catalog,
  api: Api,
  groups: readonly ScopeGroup[],
): readonly Resource[] {
  if (api.resource === 'none') return [];
  const taken = new Set(
    groups.flatMap(({ api: { id }, resource }) =>
      id === api.id && typeof resource === 'object' ? [formatResource(resource)] : [],
    ),
  );
  return RESOURCE_LEVELS.slice(0, RESOURCE_LEVELS.indexOf(api.resource) + 1)
    .toReversed()
    .flatMap((level) => resourcesAt(catalog, level).map((id) => ({ level, id })))
    .filter((resource) => !taken.has(formatResource(resource)));
}

/** Heading such as `Data API (2/5 selected)`. */
export function groupHeading({ api, resource, isWhole, permissions }: ScopeGroup): string {
  const total = api.permissions.length;
  const place = typeof resource === 'object' ? ` on ${formatResource(resource)}` : '';
  return safeForTerminal(`${api.title}${place} (${isWhole ? total : permissions.size}/${total} selected)`);
}

/** Whether a group has anything selected. */
export function hasSelection({ isWhole, permissions }: ScopeGroup): boolean {
  return isWhole || permissions.size > 0;
}

/**
 * Toggles one permission, or the whole API with null. Removing one from the whole selects the others
 * individually.
 */
export function toggled(group: ScopeGroup, permission: string | null): ScopeGroup {
  if (permission === null) return { ...group, isWhole: !group.isWhole, permissions: new Set() };
  const before = group.isWhole ? group.api.permissions.map(({ id }) => id) : [...group.permissions];
  const after = before.includes(permission)
    ? before.filter((id) => id !== permission)
    : [...before, permission];
  return { ...group, isWhole: false, permissions: new Set(after) };
}

/** Toggles several permissions at once: selects them all, or takes them away where all are selected. */
export function allToggled(group: ScopeGroup, permissions: readonly string[]): ScopeGroup {
  const isSelected = (id: string): boolean => group.isWhole || group.permissions.has(id);
  const left = permissions.filter((id) => !isSelected(id));
  return (left.length === 0 ? permissions : left).reduce<ScopeGroup>(toggled, group);
}

/** The selected scopes in list order; without a resource where that is chosen later. */
export function selectedScopes(groups: readonly ScopeGroup[]): readonly string[] {
  return groups.flatMap(({ api, resource, isWhole, permissions }) => {
    const ids = isWhole ? ['*'] : api.permissions.map(({ id }) => id).filter((id) => permissions.has(id));
    const place = typeof resource === 'object' ? resource : null;
    return ids.map((permission) => formatScope({ api: api.id, permission, resource: place }));
  });
}

function group(
  api: Api,
  resource: GroupResource,
  held: readonly { readonly permission: string }[],
): ScopeGroup {
  const isWhole = held.some(({ permission }) => permission === '*');
  return {
    api,
    resource,
    isWhole,
    permissions: new Set(isWhole ? [] : held.map(({ permission }) => permission)),
  };
}

function nameOf(resource: Resource | null): string {
  return resource === null ? '' : formatResource(resource);
}
