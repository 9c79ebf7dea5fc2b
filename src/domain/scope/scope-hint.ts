import { type Catalog, formatResource, RESOURCE_LEVELS, resourcesAt } from './catalog.js';

const GRAMMAR = 'write <api>:<permission>[@<level>/<id>], such as';

/** A scope whose resource lacks its level. */
const WITHOUT_LEVEL = /^([^\s:@/]+:[^\s:@/]+)@([^\s:@/]+)$/;

/** How to write a text that is not a scope: the level that it lacks, or examples, of the catalog where there is one. */
export function scopeHint(text: string, catalog: Catalog | undefined): string {
  if (catalog === undefined || catalog.apis.length === 0) {
    return `${GRAMMAR} data:users, data:* or profile:read@account/us`;
  }
  const [, base, id] = WITHOUT_LEVEL.exec(text) ?? [];
  const level = RESOURCE_LEVELS.toReversed().find((each) => resourcesAt(catalog, each).includes(id ?? ''));
  if (base !== undefined && id !== undefined && level !== undefined) {
    return `did you mean ${base}@${formatResource({ level, id })}?`;
  }
  return `${GRAMMAR} ${examples(catalog).join(' or ')}`;
}

/** The first scope of an API without resources, and of one with resources. */
function examples(catalog: Catalog): readonly string[] {
  const { apis } = catalog;
  const chosen = [
    apis.find(({ resource }) => resource === 'none'),
    apis.find(({ resource }) => resource !== 'none'),
  ];
  return chosen.flatMap((api) => {
    if (api === undefined) return [];
    const scope = `${api.id}:${api.permissions[0]?.id ?? '*'}`;
    if (api.resource === 'none') return [scope];
    const [id] = resourcesAt(catalog, api.resource);
    return id === undefined ? [] : [`${scope}@${formatResource({ level: api.resource, id })}`];
  });
}
