import type { Credential, OwnerSummary } from '../../../domain/credential/credential.js';
import type { Catalog } from '../../../domain/scope/catalog.js';
import { shellWord } from '../../../domain/text/quote.js';
import { exactAndRelative } from '../../../domain/text/relative-time.js';
import { CREDENTIAL_COLUMNS, rowForPeople } from '../credential-table.js';
import { paintState } from '../status.js';
import { renderTable } from '../table.js';
import type { DescriptionLook } from './credential.js';
import { describeFacts } from './facts.js';

/** Index of the column of owners, which says nothing here. */
const OWNER = CREDENTIAL_COLUMNS.findIndex(({ title }) => title === 'OWNER');

/**
 * An owner on a terminal, with its first credentials.
 *
 * @param credentials the first ones by name
 */
export function describeOwner(
  owner: OwnerSummary,
  credentials: readonly Credential[],
  catalog: Catalog,
  { now, columns, style }: Omit<DescriptionLook, 'prefix'>,
): string {
  const facts = describeFacts(
    [
      [
        { name: 'status', value: owner.status, paint: (text) => paintState(text, style) },
        { name: 'name', value: owner.name, paint: (text) => style.bold(text) },
        { name: 'kind', value: owner.kind },
        { name: 'created', value: `${exactAndRelative(owner.createdAt, now)} by ${owner.createdBy}` },
        { name: 'credentials', value: String(owner.credentials) },
      ],
    ],
    columns,
  );
  if (credentials.length === 0) return facts;
  const rows = credentials.map((credential) => rowForPeople(credential, catalog, now).toSpliced(OWNER, 1));
  const table = renderTable(CREDENTIAL_COLUMNS.toSpliced(OWNER, 1), rows, columns, style);
  const more = owner.credentials - credentials.length;
  const rest = more > 0 ? `and ${more} more: credctl list --owner ${shellWord(owner.name)}\n` : '';
  return `${facts}\n${table}${rest}`;
}
