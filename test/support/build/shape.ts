/**
 * Where a document has another shape than the one that a page shows: other members, another order of them, or another
 * kind of value. Absent values (`null`) and empty lists and objects are like any other.
 */
export function differencesOfShape(shown: unknown, given: unknown, path = '$'): readonly string[] {
  if (shown === null || given === null) return [];
  if (Array.isArray(shown) && Array.isArray(given)) {
    if (shown.length === 0 || given.length === 0) return [];
    return differencesOfShape(shown[0], given[0], `${path}[0]`);
  }
  if (isObject(shown) && isObject(given)) {
    const names = Object.keys(shown);
    if (names.length === 0 || Object.keys(given).length === 0) return [];
    if (names.join() !== Object.keys(given).join()) {
      return [`${path} has ${Object.keys(given).join()}, not ${names.join()}`];
    }
    return names.flatMap((name) => differencesOfShape(shown[name], given[name], `${path}.${name}`));
  }
  return typeof shown === typeof given && Array.isArray(shown) === Array.isArray(given)
    ? []
    : [`${path} is ${JSON.stringify(given)}`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
