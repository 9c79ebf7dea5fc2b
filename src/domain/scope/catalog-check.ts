import { usageError } from '../errors.js';
import { quote } from '../text/quote.js';
import { type Api, BUILT_IN_API, type Catalog, CREDENTIAL_TYPES, type Org } from './catalog.js';
import { STEP } from './catalog-index.js';

const API_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;
const API_ID_RULE = "use 1 to 64 lower-case letters, digits and '-', starting with a letter or digit";
const RESOURCE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const RESOURCE_ID_RULE = "use 1 to 128 letters, digits, '.', '_' and '-', starting with a letter or digit";
/** APIs checked per step; each takes about a dozen checks. */
const FEW = 100;

/** Maximum number of aliases of an API: a listing by scope looks each of them up. */
export const MOST_ALIASES = 100;

/** Maximum lifetime of an access token, in seconds. */
export const MAX_ACCESS_TOKEN_TTL = 86_400 * 365;

/** A contradiction in a catalog. */
export interface CatalogFault {
  /** The place, such as `apis[1].permissions[0].id`. */
  readonly where: string;
  /** What is wrong there; begins with the place. */
  readonly fact: string;
  /** The remedy. */
  readonly hint: string;
}

/** A fault, or null where the event loop may run. */
type Steps = Generator<CatalogFault | null>;

/**
 * Checks a catalog of the right shape for contradictions.
 *
 * @throws CredctlError `usage` that names the first place, such as `apis[1].permissions[0].id`
 */
export function checkCatalog(catalog: Catalog): void {
  for (const step of checkSteps(catalog)) refuseFault(step);
}

/**
 * Refuses a fault found by {@link checkSteps}.
 *
 * @throws CredctlError `usage`
 */
export function refuseFault(step: CatalogFault | null): void {
  if (step !== null) throw usageError(`in the catalog, ${step.fact}`, step.hint);
}

/** Every contradiction in a catalog of the right shape. */
export function catalogFaults(catalog: Catalog): readonly CatalogFault[] {
  return [...checkSteps(catalog)].filter((step) => step !== null);
}

/** As {@link checkCatalog}, in steps that let the event loop run in between: each is a fault, or null. */
export function* checkSteps(catalog: Catalog): Steps {
  yield* checkText('name', catalog.name);
  yield* checkIds(() => idsAndAliases(catalog.apis), API_ID, API_ID_RULE);
  for (const [index, api] of catalog.apis.entries()) {
    yield* checkApi(api, `apis[${index}]`);
    if (index % FEW === 0) yield null;
  }
  for (const level of [orgsOf, accountsOf, workspacesOf]) {
    yield* checkIds(() => level(catalog.resources), RESOURCE_ID, RESOURCE_ID_RULE);
  }
}

/** Ids first, so that an alias that is one is what the error names. */
function* idsAndAliases(apis: readonly Api[]): Generator<Located> {
  yield* located('apis', apis);
  for (const [index, { aliases = [] }] of apis.entries()) {
    for (const [n, id] of aliases.entries()) yield { id, where: () => `apis[${index}].aliases[${n}]` };
  }
}

/** An id and, computed lazily for errors, its path in the catalog. */
interface Located {
  readonly id: string;
  readonly where: () => string;
}

function orgsOf(orgs: readonly Org[]): Iterable<Located> {
  return located('resources', orgs);
}

function* accountsOf(orgs: readonly Org[]): Generator<Located> {
  for (const [index, { accounts }] of orgs.entries())
    yield* located(`resources[${index}].accounts`, accounts);
}

function* workspacesOf(orgs: readonly Org[]): Generator<Located> {
  for (const [at, { accounts }] of orgs.entries()) {
    for (const [index, { workspaces }] of accounts.entries()) {
      const list = () => `resources[${at}].accounts[${index}].workspaces`;
      for (const [n, id] of workspaces.entries()) yield { id, where: () => `${list()}[${n}]` };
    }
  }
}

function* checkApi(api: Api, where: string): Steps {
  if (api.id === BUILT_IN_API.id) {
    yield fault(`${where}.id ${quote(api.id)} is reserved`, 'credctl adds this API itself; leave it out');
  }
  const { aliases = [] } = api;
  if (aliases.includes(BUILT_IN_API.id)) {
    yield fault(
      `${where}.aliases[${aliases.indexOf(BUILT_IN_API.id)}] ${quote(BUILT_IN_API.id)} is reserved`,
      'credctl adds the API of this name itself; choose another alias',
    );
  }
  if (aliases.length > MOST_ALIASES) {
    yield fault(
      `${where} has ${aliases.length} aliases; an API can have at most ${MOST_ALIASES}`,
      'leave out aliases that no credential uses',
    );
  }
  if (api.types.length === 0) {
    yield fault(
      `${where}.types of ${api.id} is empty`,
      `name at least one of: ${CREDENTIAL_TYPES.join(', ')}`,
    );
  }
  if (new Set(api.types).size < api.types.length) {
    yield fault(`${where}.types of ${api.id} names a type twice`, 'name each type once');
  }
  yield* checkText(`${where}.title`, api.title);
  for (const [index, permission] of api.permissions.entries()) {
    yield* checkText(`${where}.permissions[${index}].title`, permission.title);
    yield* checkText(`${where}.permissions[${index}].description`, permission.description ?? '');
    if ((index + 1) % STEP === 0) yield null;
  }
  const ttl = api.accessTokenTtl;
  if (!Number.isSafeInteger(ttl) || ttl < 1 || ttl > MAX_ACCESS_TOKEN_TTL) {
    yield fault(
      `${where}.access_token_ttl of ${api.id} is ${ttl}`,
      `give a whole number of seconds from 1 to ${MAX_ACCESS_TOKEN_TTL}`,
    );
  }
  if (api.permissions.length === 0) {
    yield fault(`${where}.permissions of ${api.id} is empty`, 'an API needs at least one permission');
  }
  yield* checkIds(() => located(`${where}.permissions`, api.permissions), API_ID, API_ID_RULE);
}

function* checkIds(list: () => Iterable<Located>, pattern: RegExp, rule: string): Steps {
  const ids = new Set<string>();
  for (const { where, id } of list()) {
    if (!pattern.test(id)) yield fault(`${where()} has an invalid id: ${quote(id)}`, rule);
    if (ids.has(id)) {
      const earlier = [...list()].find((each) => each.id === id);
      yield fault(`${where()} has the id ${quote(id)} of ${earlier?.where()}`, 'give each its own id');
    }
    ids.add(id);
    if (ids.size % STEP === 0) yield null;
  }
}

function* located(list: string, values: readonly { readonly id: string }[]): Generator<Located> {
  for (const [index, { id }] of values.entries()) yield { id, where: () => `${list}[${index}]` };
}

/**
 * Checks a title or description: one line, without control characters, which could move a terminal's cursor.
 */
function* checkText(where: string, text: string): Steps {
  // Fast path for plain ASCII: the Unicode expression is slow to compile.
  if (!/^[ -~]*$/.test(text) && /[\p{Cc}\p{Cs}]/u.test(text)) {
    yield fault(`${where} has a control character`, 'write it as one line of plain text');
  }
}

/** @param fact begins with the place, which has no space */
function fault(fact: string, hint: string): CatalogFault {
  return { where: fact.slice(0, fact.indexOf(' ')), fact, hint };
}
