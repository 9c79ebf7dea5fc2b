import { type Api, BUILT_IN_API, type Catalog, CREDENTIAL_TYPES } from './catalog.js';
import { usageError } from './errors.js';
import { quote } from './quote.js';

const API_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;
const API_ID_RULE = "use 1 to 64 lower-case letters, digits and '-', starting with a letter or digit";
const RESOURCE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const RESOURCE_ID_RULE = "use 1 to 128 letters, digits, '.', '_' and '-', starting with a letter or digit";
/** The longest lifetime of an access token, in seconds. */
const MAX_ACCESS_TOKEN_TTL = 86_400 * 365;

/**
 * Checks that a catalog of the right shape does not contradict itself.
 *
 * @throws CredctlError `usage` that names the place, such as `apis[1].permissions[0].id`
 */
export function checkCatalog(catalog: Catalog): void {
  checkText('name', catalog.name);
  checkIds(located('apis', catalog.apis), API_ID, API_ID_RULE);
  for (const [index, api] of catalog.apis.entries()) checkApi(api, `apis[${index}]`);
  const orgs = located('resources', catalog.resources);
  const accounts = orgs.flatMap(({ where, value }) => located(`${where}.accounts`, value.accounts));
  const workspaces = accounts.flatMap(({ where, value }) =>
    value.workspaces.map((id, index) => ({ where: `${where}.workspaces[${index}]`, id })),
  );
  for (const level of [orgs, accounts, workspaces]) checkIds(level, RESOURCE_ID, RESOURCE_ID_RULE);
}

function checkApi(api: Api, where: string): void {
  if (api.id === BUILT_IN_API.id) {
    throw catalogError(`${where}.id ${quote(api.id)} is reserved`, 'that API is always there; leave it out');
  }
  if (api.types.length === 0) {
    throw catalogError(
      `${where}.types of ${api.id} is empty`,
      `name at least one of: ${CREDENTIAL_TYPES.join(', ')}`,
    );
  }
  if (new Set(api.types).size < api.types.length) {
    throw catalogError(`${where}.types of ${api.id} names a type twice`, 'name each type once');
  }
  checkText(`${where}.title`, api.title);
  for (const [index, permission] of api.permissions.entries()) {
    checkText(`${where}.permissions[${index}].title`, permission.title);
    checkText(`${where}.permissions[${index}].description`, permission.description ?? '');
  }
  const ttl = api.accessTokenTtl;
  if (!Number.isSafeInteger(ttl) || ttl < 1 || ttl > MAX_ACCESS_TOKEN_TTL) {
    throw catalogError(
      `${where}.access_token_ttl of ${api.id} is ${ttl}`,
      `give a whole number of seconds from 1 to ${MAX_ACCESS_TOKEN_TTL}`,
    );
  }
  if (api.permissions.length === 0) {
    throw catalogError(`${where}.permissions of ${api.id} is empty`, 'an API needs at least one permission');
  }
  checkIds(located(`${where}.permissions`, api.permissions), API_ID, API_ID_RULE);
}

function checkIds(
  entries: readonly { readonly where: string; readonly id: string }[],
  pattern: RegExp,
  rule: string,
): void {
  const places = new Map<string, string>();
  for (const { where, id } of entries) {
    if (!pattern.test(id)) throw catalogError(`${where} has the bad id ${quote(id)}`, rule);
    const earlier = places.get(id);
    if (earlier !== undefined) {
      throw catalogError(`${where} has the id ${quote(id)} of ${earlier}`, 'give every one an id of its own');
    }
    places.set(id, where);
  }
}

function located<T extends { readonly id: string }>(
  list: string,
  values: readonly T[],
): readonly { readonly where: string; readonly id: string; readonly value: T }[] {
  return values.map((value, index) => ({ where: `${list}[${index}]`, id: value.id, value }));
}

/** A title or description is one line of text; what would move a terminal's cursor has no place in it. */
function checkText(where: string, text: string): void {
  // Nearly all texts are plain, and the expression for the others takes long to compile.
  if (!/^[ -~]*$/.test(text) && /[\p{Cc}\p{Cs}]/u.test(text)) {
    throw catalogError(`${where} has a control character`, 'write it as one line of plain text');
  }
}

function catalogError(fact: string, hint: string) {
  return usageError(`in the catalog, ${fact}`, hint);
}
