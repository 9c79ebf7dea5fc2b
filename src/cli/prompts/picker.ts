import { type ActiveStatus, type Credential, credentialStatus } from '../../domain/credential/credential.js';
import { notFoundError, usageError } from '../../domain/errors.js';
import { nameKey } from '../../domain/text/name.js';
import { relativeTime } from '../../domain/text/relative-time.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { canAsk, reading } from '../session.js';
import type { Match } from './prompts.js';

/** A command that needs the name of a credential. */
export interface Picking {
  /** The question, such as `Credential to rotate`. */
  readonly question: string;
  /** The status of those that come first. */
  readonly first?: ActiveStatus;
  /** Only those with a version that is retiring. */
  readonly isRetiring?: true;
  /** All that can be chosen, where that is a part of the credentials. */
  readonly among?: () => Promise<readonly Match<string>[]>;
  /** What is wrong where prompts are impossible. */
  readonly fact?: string;
  /** What to type then. */
  readonly hint: string;
}

/** Maximum number of credentials to choose from at a time. */
const MOST_SHOWN = 15;

const HELP =
  'typing searches names, descriptions, ids, handles, owners, labels (key=value), scopes (api:permission) and APIs';

/**
 * The name that was given; without one, the id of the credential that a person picks.
 *
 * @throws CredctlError `usage` where prompts are impossible; `not_found` where there is no credential; `interrupted`
 */
export async function nameOrPicked(
  host: Host,
  globals: GlobalOptions,
  name: string | undefined,
  picking: Picking,
): Promise<string> {
  if (name !== undefined) return name;
  const { fact = "missing required argument 'name'", hint } = picking;
  if (!canAsk(host, globals)) throw usageError(fact, hint);
  return picking.among === undefined ? pick(host, globals, picking) : pickAmong(host, globals, picking);
}

/** As {@link nameOrPicked}, for a command that takes several names. */
export async function namesOrPicked(
  host: Host,
  globals: GlobalOptions,
  names: readonly string[],
  picking: Picking,
): Promise<readonly string[]> {
  return names.length > 0 ? names : [await nameOrPicked(host, globals, undefined, picking)];
}

async function pick(
  host: Host,
  globals: GlobalOptions,
  { question, first, isRetiring }: Picking,
): Promise<string> {
  const { searchCredentials } = await import('../../usecases/credential/search.js');
  const now = host.clock.now();
  const only = isRetiring === true ? { isRetiring } : {};
  // The command that follows opens the store again, with the notes about it.
  const id = await reading(host, { ...globals, quiet: true }, async (store) => {
    const some = await searchCredentials(store, { text: '', now, first: null, limit: 1, ...only });
    if (some.credentials.length === 0) return null;
    const prompts = await host.prompts(globals);
    return prompts.search(question, {
      help: HELP,
      async find(text, isStale) {
        const wanted = { text, now, first: first ?? null, limit: MOST_SHOWN, ...only };
        const { credentials, hasMore } = await searchCredentials(store, wanted, isStale);
        return { matches: credentials.map((credential) => toMatch(credential, now)), hasMore };
      },
    });
  });
  if (id !== null) return id;
  await reading(host, globals, async () => {});
  if (isRetiring === true) {
    throw notFoundError('no credential has an older secret in a grace period', 'there is nothing to finish');
  }
  throw notFoundError('the store has no credentials', "create one with 'credctl create'");
}

/** A choice among a part of the credentials, all of which are known. */
async function pickAmong(host: Host, globals: GlobalOptions, { question, among }: Picking): Promise<string> {
  const all = (await among?.()) ?? [];
  const prompts = await host.prompts(globals);
  return prompts.search(question, {
    help: 'typing searches names',
    async find(text) {
      const found = all.filter(({ name }) => nameKey(name).includes(nameKey(text.trim())));
      return { matches: found.slice(0, MOST_SHOWN), hasMore: found.length > MOST_SHOWN };
    },
  });
}

function toMatch(credential: Credential, now: number): Match<string> {
  const { id, name, lastUsedAt } = credential;
  const use = lastUsedAt === null ? 'never used' : `used ${relativeTime(lastUsedAt, now)}`;
  return { value: id, name, remarks: [credentialStatus(credential, now), use] };
}
