import { allApis, type Catalog, formatResource, RESOURCE_LEVELS, resourcesAt } from './catalog.js';
import { formatScope } from './scope.js';

/** Every scope that a catalog allows: each permission and `*`, on each resource where the API has them. */
export function* possibleScopes(catalog: Catalog): Iterable<string> {
  for (const api of allApis(catalog)) {
    const levels =
      api.resource === 'none' ? [] : RESOURCE_LEVELS.slice(0, RESOURCE_LEVELS.indexOf(api.resource) + 1);
    const resources = levels.flatMap((level) => resourcesAt(catalog, level).map((id) => ({ level, id })));
    for (const permission of [...api.permissions.map(({ id }) => id), '*']) {
      const bare = formatScope({ api: api.id, permission, resource: null });
      if (resources.length < 2) yield bare;
      for (const resource of resources) yield `${bare}@${formatResource(resource)}`;
    }
  }
}
