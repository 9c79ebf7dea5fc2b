/** A place of the wrong shape in a document, as zod reports it. */
export interface FaultyPlace {
  readonly path: readonly PropertyKey[];
  /** Unknown entries of the place. */
  readonly keys?: readonly string[] | undefined;
}

/**
 * The document with something faultless in place of what has the wrong shape, so that what contradicts itself in the rest
 * is found in the same run. Nothing moves: places are the same as in the document.
 */
export function withStandIns(document: unknown, faulty: readonly FaultyPlace[]): unknown {
  const copy = structuredClone(document);
  for (const { path, keys } of faulty) {
    if (keys === undefined) standIn(copy, path);
    else leaveOut(placeAt(copy, path), keys);
  }
  dropUnknownTypes(copy);
  return copy;
}

function leaveOut(place: unknown, keys: readonly PropertyKey[]): void {
  if (isRecord(place)) for (const key of keys) delete place[key];
}

function standIn(document: unknown, path: readonly PropertyKey[]): void {
  const place = placeAt(document, path.slice(0, -1));
  const key = path.at(-1);
  if (key === undefined) return;
  // A permission may be written as its id alone, which has no entries.
  if (isRecord(place)) put(place, key, path);
  else standIn(document, path.slice(0, -1));
}

function put(place: Record<PropertyKey, unknown>, key: PropertyKey, path: readonly PropertyKey[]): void {
  const list = typeof key === 'number' ? path.at(-2) : undefined;
  const value = list === undefined ? entryFor(key, path) : memberFor(list, path);
  if (value === undefined) delete place[key];
  else place[key] = value;
}

/** What stands in for an entry; undefined for one that may be left out. */
function entryFor(key: PropertyKey, path: readonly PropertyKey[]): unknown {
  if (key === 'name' || key === 'id') return unused(path);
  if (key === 'permissions') return [unused(path)];
  return key === 'apis' ? [] : undefined;
}

function memberFor(list: PropertyKey, path: readonly PropertyKey[]): unknown {
  const id = unused(path);
  if (list === 'apis') return { id, permissions: [id] };
  return list === 'resources' || list === 'accounts' ? { id } : id;
}

/** An id that is valid everywhere, and alone among its kind. */
function unused(path: readonly PropertyKey[]): string {
  return ['credctl-stand-in', ...path.filter((step) => typeof step === 'number')].join('-');
}

/** Types are a choice of two, which nothing can stand in for. */
function dropUnknownTypes(document: unknown): void {
  const apis = isRecord(document) ? document['apis'] : undefined;
  for (const api of Array.isArray(apis) ? apis : []) {
    if (!isRecord(api) || !Array.isArray(api['types'])) continue;
    const known = api['types'].filter((type) => type === 'oauth2' || type === 'api-key');
    if (known.length > 0 || api['types'].length === 0) api['types'] = known;
    else delete api['types'];
  }
}

function placeAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), document);
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}
