import type { ActiveStatus, Credential } from '../../domain/credential/credential.js';
import { CredctlError, notFoundError } from '../../domain/errors.js';
import type { JsonValue } from '../../domain/text/canonical-json.js';
import { shellCommand, shellWord } from '../../domain/text/quote.js';
import { type Edited, editCredential } from '../../usecases/credential/edit.js';
import { planEdit } from '../../usecases/credential/edit-plan.js';
import { editWithStatus } from '../../usecases/credential/edit-with-status.js';
import { findCredential } from '../../usecases/credential/find.js';
import { stoppingAmong } from '../../usecases/credential/stopping.js';
import type { Dependencies } from '../../usecases/dependencies.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { confirmSaving } from '../prompts/confirmation.js';
import { askForChanges, type FormChanges } from '../prompts/edit-form.js';
import { activationLines } from '../render/effect.js';
import { eventChanges } from '../render/event-changes.js';
import { stoppingLines, timeFormatOn } from '../render/last-use.js';
import { tellBeforeQuestion } from './stopping/warning.js';

/**
 * Asks for changes in a form, shows them, and saves them once that is confirmed, all or none.
 *
 * @param ifRevision in place of the revision shown
 * @returns null when nothing is changed
 * @throws CredctlError `interrupted` when it is not confirmed; `conflict` when it was changed since; `not_found` when it
 *   was deleted since
 */
export async function editInForm(
  host: Host,
  globals: GlobalOptions,
  deps: Dependencies,
  name: string,
  ifRevision: number | undefined,
): Promise<Edited | null> {
  const credential = await findCredential(deps.store, name);
  const prompts = await host.prompts(globals);
  const changes = await askForChanges(prompts, deps.store, credential, () => host.clock.now());
  if (changes === null) return null;
  const input = ifRevision === undefined ? changes.input : { ...changes.input, ifRevision };
  const { status } = changes;
  await tellChanges(host, globals, deps, credential, { input, status });
  await confirmSaving(host, globals);
  try {
    return await save(deps, credential, { input, status });
  } catch (fault) {
    if (!(fault instanceof CredctlError) || fault.code !== 'not_found') throw fault;
    if ((await deps.store.findCredential(credential.id)) !== null) throw fault;
    throw notFoundError(
      `${credential.name} was deleted while the form was open`,
      `see who deleted it with ${shellCommand(`credctl audit --target ${shellWord(credential.id)}`)}`,
    );
  }
}

async function save(
  deps: Dependencies,
  credential: Credential,
  { input, status }: FormChanges,
): Promise<Edited> {
  if (status === null) return editCredential(deps, input);
  const edited = await editWithStatus(deps, input, status);
  const effect = status === 'active' ? activationLines([edited.credential], deps.clock.now()) : [];
  return {
    ...edited,
    details: withStatus(edited.details, credential, status),
    notes: [...edited.notes, ...effect],
  };
}

/** Says what would be saved, a line each, and what stops with that. */
async function tellChanges(
  host: Host,
  globals: GlobalOptions,
  { store, clock }: Dependencies,
  credential: Credential,
  { input, status }: FormChanges,
): Promise<void> {
  const { details } = await planEdit(store, credential, input);
  const all = status === null ? details : withStatus(details, credential, status);
  const lines = eventChanges(all).map(([what, value]) => `  ${what}: ${value}`);
  tellBeforeQuestion(host, globals, [`Changes of ${credential.name}:`, ...lines]);
  if (status !== 'inactive') return;
  const now = clock.now();
  const stopping = await stoppingAmong([[credential]], now);
  tellBeforeQuestion(host, globals, stoppingLines(stopping, timeFormatOn(host.err, now)));
}

function withStatus(
  details: Edited['details'],
  { status: from }: Credential,
  to: ActiveStatus,
): { readonly [key: string]: JsonValue } {
  return { ...details, status: { from, to } };
}
