import { Command, Option } from 'commander';
import type { Duration } from '../../domain/duration.js';
import { usageError } from '../../domain/errors.js';
import { parseDescription, parseName } from '../../domain/text/name.js';
import { type EditInput, editCredential } from '../../usecases/credential/edit.js';
import { findCredential } from '../../usecases/credential/find.js';
import type { CommandContext } from '../command-context.js';
import { relabelCopiesOf } from '../delivery/saved-copies.js';
import { refuseBoth } from '../flags/exclusive.js';
import {
  addExpiryOptions,
  addGlobalOptions,
  collect,
  collectLabel,
  duration,
  type ExpiryOptions,
  expiryTime,
  type GlobalOptions,
  globalOptions,
} from '../flags/global.js';
import { addRevisionOption } from '../flags/guards.js';
import { explain, NAME_HELP } from '../help.js';
import type { Host } from '../host/host.js';
import { nameOrPicked } from '../prompts/picker.js';
import { changeLine } from '../render/event-changes.js';
import { jsonDocument } from '../render/json.js';
import { credentialView } from '../render/views.js';
import { canAsk, changing, note, reading } from '../session.js';
import { editInForm } from './edit-in-form.js';

/** Flags of `credctl edit`. */
export interface EditOptions extends ExpiryOptions {
  readonly name?: string;
  readonly type?: string;
  readonly clientId?: string;
  readonly scope?: readonly string[];
  readonly addScope?: readonly string[];
  readonly removeScope?: readonly string[];
  /** False for `--no-owner`. */
  readonly owner?: string | false;
  readonly description?: string;
  readonly label?: ReadonlyMap<string, string>;
  readonly removeLabel?: readonly string[];
  /** False for `--no-expiry`. */
  readonly expiry?: false;
  readonly rotateEvery?: Duration;
  /** False for `--no-rotation`. */
  readonly rotation?: false;
  readonly ifRevision?: number;
}

/** `credctl edit`. */
export function editCommand({ host, words }: CommandContext): Command {
  const command = new Command('edit')
    .description(
      'Change a credential. New scopes take effect at once, also for access tokens that exist. Type and client id cannot be changed. Without flags, a terminal opens a form and shows the changes before it saves them.',
    )
    .argument('[name]', NAME_HELP)
    .option('--name <name>', 'a new name')
    .option('--scope <scope>', 'replace all scopes by these; repeatable', collect)
    .option('--add-scope <scope>', 'add a scope; repeatable', collect)
    .option('--remove-scope <scope>', 'remove a scope; repeatable', collect)
    .option('--owner <owner>', 'a new owner')
    .option('--no-owner', 'remove the owner')
    .option('--description <text>', 'a note for people; an empty text removes it')
    .option('--label <key=value>', 'set a label, such as env=prod; repeatable', collectLabel)
    .option('--remove-label <key>', 'remove a label; repeatable', collect);
  addExpiryOptions(command)
    .option('--no-expiry', 'never expire')
    .addOption(
      new Option(
        '--rotate-every <duration>',
        'how often the secret is due for rotation, such as 90d',
      ).argParser(duration),
    )
    .option('--no-rotation', 'never due for rotation');
  addRevisionOption(command)
    .addOption(new Option('--type <type>').hideHelp())
    .addOption(new Option('--client-id <id>').hideHelp());
  addGlobalOptions(command).action((name: string | undefined, options: EditOptions) => {
    refuseBoth(words, '--owner', '--no-owner');
    return runEdit(host, globalOptions(command), name, options);
  });
  return explain(
    command,
    [
      ['credctl edit ci-bot --add-scope data:users --reason "ticket 42"', 'let it read users, too'],
      ['credctl edit ci-bot --expires-in 90d', 'let it expire in 90 days from now'],
    ],
    [0, 2, 3, 4, [5, 'conflict: the name is taken, or --if-revision does not match'], 8, 9, 130],
  );
}

/** Edits the credential and shows the result. */
export async function runEdit(
  host: Host,
  globals: GlobalOptions,
  given: string | undefined,
  options: EditOptions,
): Promise<void> {
  // Validates the flags before the store is opened; its clock, not needed for that, is known later.
  const isGiven = toInput(0, given ?? '', options) !== null;
  const name = await nameOrPicked(host, globals, given, {
    question: 'Credential to edit',
    hint: 'credctl edit NAME',
  });
  if (!isGiven && !canAsk(host, globals)) {
    // That it is no credential is said first: no flag would help.
    await reading(host, globals, (store) => findCredential(store, name));
    throw usageError('nothing to change was given', "see the options in 'credctl edit --help'");
  }
  await changing(host, globals, async (deps) => {
    const input = toInput(deps.clock.now(), name, options);
    const edited =
      input === null
        ? await editInForm(host, globals, deps, name, options.ifRevision)
        : await editCredential(deps, input);
    if (edited === null) return note(host, globals, 'nothing was changed');
    if (globals.json) {
      const { prefix } = await deps.store.settings();
      host.out.write(
        jsonDocument({ credential: credentialView(edited.credential, prefix, host.clock.now()) }),
      );
    }
    for (const text of edited.notes) note(host, globals, `note: ${text}`);
    note(
      host,
      globals,
      edited.changed
        ? `changed ${edited.credential.name}: ${changeLine(edited.details, ' ')} (revision ${edited.credential.revision})`
        : `nothing to change: ${edited.credential.name} has these values already`,
    );
    if ('name' in edited.details) await relabelCopiesOf(host, deps.store, edited.credential);
  });
}

/** The changes in the flags; null when there are none. */
function toInput(now: number, reference: string, options: EditOptions): EditInput | null {
  refuseFixed(options);
  refuseContradictions(options);
  const expiresAt = expiryTime(options, now);
  const input: EditInput = {
    reference,
    ...(options.name === undefined ? {} : { name: parseName('credential', options.name) }),
    ...scopeChange(options),
    ...(options.owner === undefined ? {} : { owner: options.owner === false ? null : options.owner }),
    ...(options.description === undefined
      ? {}
      : { description: parseDescription(options.description) || null }),
    ...labelChange(options),
    ...(options.expiry === false ? { expiresAt: null } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt, expiryIsCounted: options.expiresIn !== undefined }),
    ...(options.rotation === false ? { rotateEvery: null } : {}),
    ...(options.rotateEvery === undefined ? {} : { rotateEvery: options.rotateEvery }),
  };
  if (Object.keys(input).length === 1) return null;
  return { ...input, ...(options.ifRevision === undefined ? {} : { ifRevision: options.ifRevision }) };
}

function refuseFixed(options: EditOptions): void {
  if (options.type !== undefined) {
    throw usageError(
      'the type of a credential cannot be changed',
      'create a new credential of the other type',
    );
  }
  if (options.clientId !== undefined) {
    throw usageError('the client id of a credential cannot be changed', 'create a new credential');
  }
}

function refuseContradictions(options: EditOptions): void {
  if (options.scope !== undefined && (options.addScope !== undefined || options.removeScope !== undefined)) {
    throw usageError(
      '--scope and --add-scope or --remove-scope cannot be used together',
      'use --scope for the whole list, or the other two for single scopes',
    );
  }
  if (options.expiry === false && (options.expiresIn !== undefined || options.expiresAt !== undefined)) {
    throw usageError(
      '--no-expiry and --expires-in or --expires-at cannot be used together',
      'use one of them',
    );
  }
  if (options.rotation === false && options.rotateEvery !== undefined) {
    throw usageError('--no-rotation and --rotate-every cannot be used together', 'use one of them');
  }
}

function scopeChange(options: EditOptions): Pick<EditInput, 'scopes'> {
  if (options.scope !== undefined) return { scopes: { replace: options.scope } };
  if (options.addScope === undefined && options.removeScope === undefined) return {};
  return { scopes: { add: options.addScope ?? [], remove: options.removeScope ?? [] } };
}

function labelChange(options: EditOptions): Pick<EditInput, 'labels'> {
  if (options.label === undefined && options.removeLabel === undefined) return {};
  return { labels: { set: options.label ?? new Map(), remove: options.removeLabel ?? [] } };
}
