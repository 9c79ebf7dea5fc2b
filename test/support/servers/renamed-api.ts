import type { CatalogDocument } from '../../../src/domain/scope/catalog.js';
import type { Session } from '../program/run.js';

const IDS = ['data', 'records'];

/** The id that the API `data`, or `records`, has at present. */
export async function presentId(session: Session): Promise<string> {
  return dataApi(await catalogOf(session)).id;
}

/** Renames the API `data` to `records`, or back, with the id that it had as its alias. */
export async function renameDataApi({ session }: { readonly session: Session }): Promise<void> {
  const catalog = await catalogOf(session);
  const { id } = dataApi(catalog);
  const apis = catalog.apis.map((api) =>
    api.id === id ? { ...api, id: IDS.find((each) => each !== id), aliases: [id] } : api,
  );
  const applied = await session.run(['catalog', 'apply', '-f', '-', '--yes'], {
    stdin: JSON.stringify({ ...catalog, apis }),
  });
  if (applied.exitCode !== 0) throw new Error(applied.stderr);
}

async function catalogOf(session: Session): Promise<CatalogDocument> {
  const shown = await session.ok('catalog', 'show', '--json');
  return (JSON.parse(shown) as { catalog: CatalogDocument }).catalog;
}

function dataApi({ apis }: CatalogDocument): CatalogDocument['apis'][number] {
  const api = apis.find(({ id }) => IDS.includes(id));
  if (api === undefined) throw new TypeError('there is no such API in the catalog');
  return api;
}
