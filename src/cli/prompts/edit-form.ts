import type { Credential } from '../../domain/credential/credential.js';
import { formatInstant, parseDuration } from '../../domain/duration.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { normaliseScopes } from '../../domain/scope/scope.js';
import type { EditInput } from '../../usecases/credential/edit.js';
import {
  descriptionFrom,
  descriptionLine,
  expiryFrom,
  isCounted,
  nameChecks,
  problemOf,
} from './answer-checks.js';
import type { Prompts } from './prompts.js';
import { askForOwner, askForScopes } from './questions.js';

/**
 * A form filled in with the credential's present values.
 *
 * @param now returns epoch milliseconds
 * @returns the changes, bound to the revision shown (optimistic locking); null when there are none
 * @throws CredctlError `interrupted` on Ctrl-C
 */
export async function askForChanges(
  prompts: Prompts,
  store: StoreReader,
  credential: Credential,
  now: () => number,
): Promise<EditInput | null> {
  const name = await prompts.line('Name', {
    initial: credential.name,
    ...nameChecks(store, credential.id),
  });
  const catalog = await store.catalog();
  const wanted = await askForScopes(prompts, catalog, credential.type, credential.scopes);
  const owner = await askForOwner(prompts, store, credential.owner?.name ?? null);
  const description = await askForDescription(prompts, credential.description);
  const { expiresAt, expiryIsCounted } = await askForExpiry(prompts, credential.expiresAt, now);
  const rotateEvery = await askForRotation(prompts, credential.rotateEvery?.text ?? '');
  const scopes = normaliseScopes(catalog, credential.type, wanted).scopes;
  const isSameScopes = scopes.join(' ') === credential.scopes.join(' ');
  const changes: Omit<EditInput, 'reference' | 'ifRevision'> = {
    ...(name === credential.name ? {} : { name }),
    ...(isSameScopes ? {} : { scopes: { replace: wanted } }),
    ...(owner === (credential.owner?.name ?? null) ? {} : { owner }),
    ...(description === (credential.description ?? '') ? {} : { description: description || null }),
    ...(expiresAt === credential.expiresAt ? {} : { expiresAt, expiryIsCounted }),
    ...(rotateEvery === (credential.rotateEvery?.text ?? '')
      ? {}
      : { rotateEvery: rotateEvery === '' ? null : parseDuration(rotateEvery) }),
  };
  if (Object.keys(changes).length === 0) return null;
  return { reference: credential.id, ...changes, ifRevision: credential.revision };
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
  const text = await prompts.line('Expires (90d, or a time; empty for never)', {
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
