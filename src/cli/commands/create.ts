import { setTimeout as pause } from 'node:timers/promises';
import { Command, Option } from 'commander';
import type { Duration } from '../../domain/duration.js';
import { type CredctlError, usageError } from '../../domain/errors.js';
import { CREDENTIAL_TYPES, type CredentialType } from '../../domain/scope/catalog.js';
import { parseDescription, parseName } from '../../domain/text/name.js';
import { createIfNotExists, type Wanted } from '../../usecases/credential/if-not-exists.js';
import { type Issued, issueCredential } from '../../usecases/credential/issue.js';
import type { IssueInput } from '../../usecases/credential/issue-input.js';
import type { Dependencies } from '../../usecases/dependencies.js';
import type { CommandContext } from '../command-context.js';
import { reportCreated, reportPresent } from '../delivery/report-created.js';
import { addDeliveryOptions, type DeliveryFlags, deliveryRoute } from '../flags/delivery.js';
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
  oneOf,
  refuseBothExpiries,
} from '../flags/global.js';
import { COMMAND_HELP, explain, UNFINISHED } from '../help.js';
import type { Host } from '../host/host.js';
import { askForCredential, completeAnswers, type GivenForCreate } from '../prompts/create-form.js';
import { canAsk, changing, noteLeftOut } from '../session.js';
import { endAsTold, stopAtFirst } from '../stopping.js';

/** Flags of `credctl create`. */
export interface CreateOptions extends DeliveryFlags, ExpiryOptions {
  readonly type?: CredentialType;
  readonly scope?: readonly string[];
  readonly owner?: string;
  readonly description?: string;
  readonly label?: ReadonlyMap<string, string>;
  readonly rotateEvery?: Duration;
  readonly ifNotExists?: true;
  readonly canary?: true;
}

/** `credctl create`. */
export function createCommand({ host, words, trailing }: CommandContext): Command {
  const command = new Command('create')
    .description(
      `Create a credential. Its secret is shown once and cannot be shown again. A terminal asks for missing values. ${COMMAND_HELP} If COMMAND fails, no credential is created.`,
    )
    .usage('[options] [name] [-- COMMAND [ARGUMENT...]]')
    .argument('[name]', 'a unique name of letters, digits and . _ -, with / between parts')
    .addOption(
      new Option(
        '--type <type>',
        'oauth2 (client id and secret) or api-key; cannot be changed later (default: oauth2)',
      ).argParser(oneOf('--type', CREDENTIAL_TYPES)),
    )
    .option(
      '--scope <scope>',
      'a permission: API:PERMISSION[@LEVEL/ID], such as data:users; repeatable',
      collect,
    )
    .option('--owner <owner>', 'the service account or person that owns the credential')
    .option('--description <text>', 'a note for people')
    .option('--label <key=value>', 'a label to search by, such as env=prod; repeatable', collectLabel);
  addExpiryOptions(command).addOption(
    new Option(
      '--rotate-every <duration>',
      'how often the secret is due for rotation, such as 90d',
    ).argParser(duration),
  );
  command.option(
    '--canary',
    'a bait to plant: it grants nothing, is refused as unknown, and its use is a leak; needs no --scope',
  );
  command.option(
    '--if-not-exists',
    'succeed without a new secret if NAME exists with the same values; fail if a value differs',
  );
  addGlobalOptions(addDeliveryOptions(command)).action((name: string | undefined, options: CreateOptions) => {
    refuseBoth(words, '--print', '--no-print');
    return runCreate(host, globalOptions(command), name, options, trailing);
  });
  return explain(
    command,
    [
      ['credctl create ci-bot --type api-key --scope data:conversations', 'print a new API key'],
      [
        'credctl create crm-sync --scope "data:*" --owner crm --expires-in 90d --output crm.env --format dotenv',
        'an OAuth client that expires in 90 days; its id and secret go into a file',
      ],
      [
        'credctl create bait --type api-key --canary --output .env.bak --format dotenv',
        'a canary: a key that works nowhere and tells you when it is tried',
      ],
      [
        'credctl create deploy --scope data:users --rotate-every 30d --format k8s-secret | kubectl apply --server-side -f -',
        'write the secret to Kubernetes',
      ],
    ],
    [
      0,
      2,
      3,
      4,
      [5, 'conflict: the name is taken; or --if-not-exists found other values'],
      6,
      [7, UNFINISHED],
      8,
      9,
      130,
      143,
    ],
  );
}

/** Issues the credential and reports the result. */
export async function runCreate(
  host: Host,
  globals: GlobalOptions,
  name: string | undefined,
  options: CreateOptions,
  trailing: readonly string[] | null,
): Promise<void> {
  const given = {
    name: name === undefined ? null : parseName('credential', name),
    type: options.type ?? null,
    scopes: options.scope ?? [],
    owner: options.owner ?? null,
    canary: options.canary === true,
  };
  const complete = completeAnswers(given);
  if (complete === null && !canAsk(host, globals)) throw missing(given);
  if (options.ifNotExists === true && given.name === null) {
    throw usageError('--if-not-exists needs a name', 'credctl create NAME --if-not-exists');
  }
  const description = options.description === undefined ? '' : parseDescription(options.description);
  refuseBothExpiries(options);
  const stop = stopAtFirst(host);
  const create = async (deps: Dependencies): Promise<string | null> => {
    // The ruling clock may be the database's, which is known once the store is open.
    const expiresAt = expiryTime(options, deps.clock.now()) ?? null;
    const { prefix } = await deps.store.settings();
    if (trailing !== null) noteLeftOut(host, globals);
    const members = { prefix, members: { created: true } };
    const newRoute = () => deliveryRoute(host, globals, options, trailing, members, stop);
    let route = newRoute();
    const properties = {
      description: description === '' ? null : description,
      labels: options.label ?? new Map(),
      expiresAt,
      expiryIsCounted: options.expiresIn !== undefined,
      rotateEvery: options.rotateEvery ?? null,
      ...(given.canary ? { canary: true } : {}),
    };
    let answers = complete;
    const issue = async (): Promise<Issued> => {
      answers ??= await askForCredential(await host.prompts(globals), deps.store, given);
      return issueCredential(deps, { ...answers, ...properties, destinations: route.destinations });
    };
    if (options.ifNotExists !== true || given.name === null) {
      return reportCreated(host, globals, await issue(), route, prefix);
    }
    const wanted = { ...askedFor(complete ?? given, properties), name: given.name };
    const anew = (): Promise<Issued> => {
      // Destinations keep what a preflight found.
      route = newRoute();
      return issue();
    };
    const result = await createIfNotExists(deps, wanted, anew, pause);
    if (!result.isPresent) return reportCreated(host, globals, result.created, route, prefix);
    reportPresent(host, globals, result.credential, prefix);
    return null;
  };
  const created = await Promise.race([stop.left, changing(host, globals, create, stop)]);
  if (created !== null) await endAsTold(stop, `the creation of ${created} is complete`);
}

function missing({ name }: GivenForCreate): CredctlError {
  return name === null
    ? usageError('create needs a name', 'credctl create NAME --scope API:PERMISSION')
    : usageError('create needs at least one scope', "add --scope API:PERMISSION; see 'credctl catalog show'");
}

type Properties = Omit<IssueInput, 'name' | 'type' | 'scopes' | 'owner' | 'destinations'>;

/** What the command line named; what it did not is not compared. */
function askedFor(
  { type, scopes, owner }: Pick<GivenForCreate, 'type' | 'scopes' | 'owner'>,
  { canary = false, description, labels, expiresAt, expiryIsCounted, rotateEvery }: Properties,
): Omit<Wanted, 'name'> {
  return {
    ...(type === null ? {} : { type }),
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(owner === null ? {} : { owner }),
    ...(description === null ? {} : { description }),
    ...(expiresAt === null ? {} : { expiresAt, expiryIsCounted }),
    ...(rotateEvery === null ? {} : { rotateEvery }),
    canary,
    labels,
  };
}
