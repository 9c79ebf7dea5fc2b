import {
  type ActiveStatus,
  type Credential,
  credentialStatus,
  type OwnerSummary,
} from '../../domain/credential/credential.js';
import { formatInstant, parseDuration } from '../../domain/duration.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { scopesToHold } from '../../domain/scope/scopes-to-hold.js';
import { safeForTerminal } from '../../domain/text/safe-text.js';
import type { EditInput } from '../../usecases/credential/edit.js';
import {
  descriptionFrom,
  descriptionLine,
  EXAMPLE_TIME,
  expiryFrom,
  isCounted,
  labelsFrom,
  labelsLine,
  nameChecks,
  problemOf,
} from './answer-checks.js';
import type { Prompts } from './prompts.js';
import { askForOwner, askForScopes } from './questions.js';

/** What the form changes: properties, and the status where that is another one. */
export interface FormChanges {
  /** Bound to the revision shown (optimistic locking). */
  readonly input: EditInput;
  readonly status: ActiveStatus | null;
}

/**
 * A form filled in with the credential's present values.
 *
 * @param now returns epoch milliseconds
 * @returns null when nothing is changed
 * @throws CredctlError `interrupted` on Ctrl-C
 */
export async function askForChanges(
  prompts: Prompts,
  store: StoreReader,
  credential: Credential,
  now: () => number,
): Promise<FormChanges | null> {
  const name = await prompts.line('Name', {
    initial: credential.name,
    ...nameChecks(store, credential.id),
  });
  const catalog = await store.catalog();
  const isWithout = credential.canary && credential.scopes.length === 0;
  const wanted = isWithout ? [] : await askForScopes(prompts, catalog, credential.type, credential.scopes);
  const owner = await askForOwner(prompts, store, credential.owner?.name ?? null);
  const description = await askForDescription(prompts, credential.description);
  const labels = await askForLabels(prompts, credential.labels);
  const { expiresAt, expiryIsCounted } = await askForExpiry(prompts, credential.expiresAt, now);
  const rotateEvery = await askForRotation(prompts, credential.rotateEvery?.text ?? '');
  const ownedBy = owner === null ? null : await store.findOwner(owner);
  const effect = effectOfActive({ expiresAt, owner: ownedBy, canary: credential.canary }, now());
  const status = await askForStatus(prompts, credential.status, effect);
  const { scopes } = scopesToHold(catalog, credential, wanted);
  const isSameScopes = scopes.join(' ') === credential.scopes.join(' ');
  const changes: Omit<EditInput, 'reference' | 'ifRevision'> = {
    ...(name === credential.name ? {} : { name }),
    ...(isSameScopes ? {} : { scopes: { replace: wanted } }),
    ...(owner === (credential.owner?.name ?? null) ? {} : { owner }),
    ...(description === (credential.description ?? '') ? {} : { description: description || null }),
    ...(labels === null ? {} : { labels }),
    ...(expiresAt === credential.expiresAt ? {} : { expiresAt, expiryIsCounted }),
    ...(rotateEvery === (credential.rotateEvery?.text ?? '')
      ? {}
      : { rotateEvery: rotateEvery === '' ? null : parseDuration(rotateEvery) }),
  };
  const isSameStatus = status === credential.status;
  if (Object.keys(changes).length === 0 && isSameStatus) return null;
  return {
    input: { reference: credential.id, ...changes, ifRevision: credential.revision },
    status: isSameStatus ? null : status,
  };
}

/** @returns null when they stay as they are */
async function askForLabels(
  prompts: Prompts,
  present: Credential['labels'],
): Promise<NonNullable<EditInput['labels']> | null> {
  const initial = labelsLine(present);
  const line = await prompts.line('Labels (env=prod, team=crm; empty for none)', {
    initial,
    accept: async (text) => problemOf(() => labelsFrom(text)),
  });
  if (line === initial) return null;
  const labels = labelsFrom(line);
  const remove = [...present.keys()].filter((key) => !labels.has(key));
  const set = new Map([...labels].filter(([key, value]) => present.get(key) !== value));
  return remove.length === 0 && set.size === 0 ? null : { set, remove };
}

/** What an active credential with these properties does. */
function effectOfActive(
  {
    expiresAt,
    owner,
    canary,
  }: Pick<Credential, 'expiresAt' | 'canary'> & { readonly owner: OwnerSummary | null },
  now: number,
): string {
  const status = credentialStatus({ status: 'active', expiresAt, owner, canary }, now);
  if (status === 'canary') return 'a canary: its secrets grant nothing, and a use of one is a leak';
  if (status === 'owner_inactive') {
    return `its owner ${safeForTerminal(owner?.name ?? '')} is inactive: its secrets do not work until that is activated`;
  }
  if (status !== 'expired' || expiresAt === null) return 'its secrets work';
  return `expired since ${formatInstant(expiresAt)}: its secrets do not work until it expires later`;
}

function askForStatus(prompts: Prompts, present: ActiveStatus, effect: string): Promise<ActiveStatus> {
  return prompts.choose<ActiveStatus>(
    'Status',
    [
      { value: 'active', name: 'active', description: effect },
      {
        value: 'inactive',
        name: 'inactive',
        description: 'the secrets do not work until the credential is activated',
      },
    ],
    present,
  );
}

async function askForDescription(prompts: Prompts, present: string | null): Promise<string> {
  const line = await prompts.line('Description (\\n for a new line)', {
    initial: descriptionLine(present ?? ''),
    check: (text) => problemOf(() => descriptionFrom(text)),
  });
  return descriptionFrom(line);
}

async function askForExpiry(
  prompts: Prompts,
  present: number | null,
  now: () => number,
): Promise<{ readonly expiresAt: number | null; readonly expiryIsCounted: boolean }> {
  const initial = present === null ? '' : formatInstant(present);
  const text = await prompts.line(`Expires (90d or ${EXAMPLE_TIME}; empty: never)`, {
    initial,
    accept: async (answer) => (answer === initial ? null : problemOf(() => expiryFrom(answer, now()))),
  });
  if (text === initial) return { expiresAt: present, expiryIsCounted: false };
  return { expiresAt: expiryFrom(text, now()), expiryIsCounted: isCounted(text) };
}

function askForRotation(prompts: Prompts, present: string): Promise<string> {
  return prompts.line('Rotate every (90d; empty for no policy)', {
    initial: present,
    accept: async (answer) => (answer === '' ? null : problemOf(() => parseDuration(answer))),
  });
}
