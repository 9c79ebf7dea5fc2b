import type { Finding } from '../../../domain/ports/store-port.js';
import { allApis, type Catalog } from '../../../domain/scope/catalog.js';
import type { Ask } from '../../check/check.js';
import { error } from '../../check/finding.js';
import { catalogFromStored } from '../../sql/catalog.js';
import { mustExist } from '../../sql/rows.js';
import { FILL_LIFETIMES } from './api-lifetimes.js';

/**
 * Compares the derived token lifetimes with those of the catalog.
 *
 * @param ask reads both from one snapshot
 */
export async function lifetimeFindings(ask: Ask): Promise<readonly Finding[]> {
  const [row = null] = await ask<{ document: string }>('select document from credctl.catalog where id = 1');
  const told = lifetimesIn(catalogFromStored(mustExist(row).document));
  const held = await ask<{ api: string; seconds: number }>('select api, seconds from credctl.api_lifetime');
  const isSame = held.length === told.size && held.every(({ api, seconds }) => told.get(api) === seconds);
  if (isSame) return [];
  return [
    error(
      'lifetimes',
      'the table api_lifetime, which sets how long tokens last, differs from the catalog',
      `as the owner of the store, run: set search_path = credctl; ${FILL_LIFETIMES.replace(/\s+/g, ' ')}; find out who changed the store without credctl`,
    ),
  ];
}

function lifetimesIn(catalog: Catalog): ReadonlyMap<string, number> {
  return new Map(
    allApis(catalog).flatMap(({ id, aliases = [], accessTokenTtl }) =>
      [id, ...aliases].map((each) => [each, accessTokenTtl] as const),
    ),
  );
}
