import { type Api, allApis, type Catalog } from './catalog.js';

/** Maximum number of scopes that a text stands for. */
const MOST_STARTS = 24;

/**
 * What stored scopes begin with that a typed text means: `api:permission`, `api:perm` and `permission`, with the `*`
 * that grants it. Under every id of the API.
 */
export function scopeStarts(catalog: Catalog, text: string): readonly string[] {
  const [api, ...rest] = text.split(':');
  const starts = allApis(catalog).flatMap((each) => {
    if (rest.length === 0) return underIds(each, permissionsOf(each, text.toLowerCase(), true), '');
    if (!idsOf(each).includes((api ?? '').toLowerCase())) return [];
    const [permission = '', ...place] = rest.join(':').split('@');
    const resource = place.length === 0 ? '' : `@${place.join('@')}`;
    return underIds(each, permissionsOf(each, permission.toLowerCase(), false), resource);
  });
  return starts.slice(0, MOST_STARTS);
}

function permissionsOf({ permissions }: Api, start: string, isTitleToo: boolean): readonly string[] {
  const ids = permissions
    .filter(({ id, title }) => id.startsWith(start) || (isTitleToo && title.toLowerCase().startsWith(start)))
    .map(({ id }) => id);
  return ids.length > 0 || start === '*' ? [...ids, '*'] : [];
}

function underIds(api: Api, permissions: readonly string[], resource: string): readonly string[] {
  return idsOf(api).flatMap((id) => permissions.map((permission) => `${id}:${permission}${resource}`));
}

function idsOf({ id, aliases = [] }: Api): readonly string[] {
  return [id, ...aliases];
}
