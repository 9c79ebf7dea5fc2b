import { CredctlError } from '../../../domain/errors.js';
import { quote } from '../../../domain/text/quote.js';
import { digestOf, FORMER_DIGESTS, SCHEMA_FUNCTIONS } from '../functions/functions.js';
import { type Doubt, OPEN, OWN_PATH, trustQuery } from './query.js';

/** A reason not to trust the schema, and its remedy. */
export interface Distrust {
  readonly fact: string;
  readonly fix: string;
}

/** Upper bound of reasons that a message lists. */
const MOST_NAMED = 5;

/** Statements that set search_path to {@link OWN_PATH} and run the trust query, whose result is the last. */
export const ASK_DOUBTS = `set search_path = ${OWN_PATH}; ${trustQuery(true)}`;

/**
 * The same, within a transaction, for a schema that is to receive a store: owning existing tables there makes no
 * role trusted.
 */
export const ASK_DOUBTS_OF_NEW = `set local search_path = ${OWN_PATH}; ${trustQuery(false)}`;

/**
 * One entry per object.
 *
 * @param doubts as the database has answered; functions of this program are left out
 */
export function distrustOf(doubts: readonly Doubt[]): readonly Distrust[] {
  const known = new Set([...SCHEMA_FUNCTIONS.map(digestOf), ...FORMER_DIGESTS]);
  return doubts
    .filter(({ kind, detail }) => kind !== 'function' || !known.has(detail ?? ''))
    .map((doubt) => distrust(doubt, known));
}

/**
 * Whether a newer program's schema could explain all doubts: only unknown functions and objects, no untrusted
 * roles.
 */
export function mayBeNewer(doubts: readonly Doubt[]): boolean {
  return doubts.every(({ kind, name }) =>
    kind === 'function' || kind === 'object' ? name !== `table ${NUMBER}` : false,
  );
}

const NUMBER = 'credctl.schema_number';

function distrust({ kind, name, detail }: Doubt, known: ReadonlySet<string>): Distrust {
  const shown = name === null ? 'everybody' : quote(name);
  switch (kind) {
    case 'store':
      return {
        fact: `the store belongs to ${shown}, a role with fewer rights in this database than this login`,
        fix: `log in as ${shown}; or, if you know the store, have it belong to the owner of the database: as a superuser, reassign owned by ${shown} to OWNER, or alter schema credctl and each of its tables and functions … owner to OWNER`,
      };
    case 'owner':
      return { fact: `the schema belongs to ${shown}`, fix: GIVE_BACK };
    case 'create':
      return {
        fact: `${shown} may create objects in the schema`,
        fix: 'revoke create on schema credctl from it',
      };
    case 'relation':
      return { fact: `${shown} belongs to ${quote(detail ?? '')}`, fix: REMOVE };
    case 'right':
      return {
        fact: `${detail === null ? 'every role' : quote(detail)} may put triggers or foreign keys on ${shown}`,
        fix: 'revoke trigger, references on all tables in schema credctl from it',
      };
    case 'function':
      return known.has((detail ?? '').replace(OPEN, ''))
        ? { fact: `the function ${shown} belongs to another role, or every role may call it`, fix: REMOVE }
        : { fact: `the function ${shown} is not part of a store`, fix: REMOVE };
    case 'object':
      return { fact: `the ${shown} is not part of a store`, fix: REMOVE };
  }
}

const GIVE_BACK =
  'have a superuser look at what is in it, then: alter schema credctl owner to the role that owns the tables';
const REMOVE = 'find out who has put it there, then drop it, or move it to another schema';

/**
 * The error for a schema in which an untrusted role could have code run with the rights of any login that uses the
 * store.
 *
 * @param distrusted not empty
 * @param state what has been done to the store until then
 */
export function refusal(
  location: string,
  distrusted: readonly Distrust[],
  state = 'nothing was read or changed',
): CredctlError {
  const named = distrusted.slice(0, MOST_NAMED).map(({ fact }) => fact);
  const more = distrusted.length - named.length;
  const fixes = [...new Set(distrusted.map(({ fix }) => fix))];
  return new CredctlError(
    'denied',
    `${location} has a schema "credctl" that cannot be trusted: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
    { hint: `${state}; ${fixes.join('; ')}` },
  );
}

/**
 * @param names JSON of the names of tables that belong to no store
 * @throws CredctlError `denied` when there are any
 */
export function refuseTables(location: string, names: string | null): void {
  if (names === null) return;
  const list: readonly string[] = JSON.parse(names);
  throw refusal(
    location,
    list.map((name) => ({ fact: `the table ${quote(name)} is not part of a store`, fix: REMOVE })),
  );
}
