import { Command, Option } from 'commander';
import { DEFAULT_GRACE } from '../../domain/credential/version.js';
import { parseDuration } from '../../domain/duration.js';
import { usageError } from '../../domain/errors.js';
import type { Dependencies } from '../../usecases/dependencies.js';
import { rotate } from '../../usecases/rotation/rotate.js';
import type { CommandContext } from '../command-context.js';
import { addDeliveryOptions, deliveryRoute } from '../flags/delivery.js';
import { refuseBoth } from '../flags/exclusive.js';
import {
  addGlobalOptions,
  duration,
  durationOrZero,
  flagName,
  type GlobalOptions,
  globalOptions,
} from '../flags/global.js';
import { addRevisionOption, addUseGuardOption } from '../flags/guards.js';
import { COMMAND_HELP, ENDS_WITH_TERMINAL, explain, NAME_HELP, UNFINISHED } from '../help.js';
import type { Host } from '../host/host.js';
import { nameOrPicked } from '../prompts/picker.js';
import { changing, noteLeftOut } from '../session.js';
import { endAsTold, stopAtFirst } from '../stopping.js';
import { runRotateDue } from './rotate-due.js';
import type { RotateOptions } from './rotate-options.js';
import { reportRotation } from './rotation-report.js';
import { chosenStep, runStep } from './rotation-step.js';
import { noteRevokedSecrets } from './stopping/warning.js';

/** `credctl rotate`. */
export function rotateCommand(context: CommandContext): Command {
  const { host, words, trailing } = context;
  const command = new Command('rotate')
    .description(
      `Give a credential a new secret. The old secret keeps working until the new one is delivered, and then for a grace period. ${COMMAND_HELP} If COMMAND exits with 0, the new secret is delivered; otherwise it is revoked and the old one stays. ${ENDS_WITH_TERMINAL}`,
    )
    .usage('[options] [name] [-- COMMAND [ARGUMENT...]]')
    .argument('[name]', NAME_HELP)
    .addOption(
      new Option(
        '--grace <duration>',
        `how long older secrets keep working after the delivery; 0 ends them at once (default: ${DEFAULT_GRACE})`,
      ).argParser(durationOrZero),
    )
    .option('--now', 'after a leak: revoke every older secret as soon as the new one is delivered')
    .addOption(
      new Option(
        '--if-older-than <duration>',
        'do nothing if the newest secret is younger than this',
      ).argParser(duration),
    )
    .option('--due', 'rotate every active credential whose --rotate-every period has passed')
    .addOption(
      new Option('--within <duration>', 'with --due: also rotate what is due within this time').argParser(
        durationOrZero,
      ),
    )
    .option('--dry-run', 'with --due: list the credentials and change nothing')
    .option(
      '--output-dir <directory>',
      'with --due: write each secret to its own file in this directory, replacing an earlier one',
    )
    .option(
      '--finish',
      'end the grace period now: revoke the older secrets; refused while one is still in use, unless --force is given',
    )
    .option('--abort', 'revoke the new secret and go back to the previous one')
    .option('--resume', 'confirm a delivery that was cut off: you have the new secret')
    .option(
      '--take-over',
      'with --now, --abort, --resume: do not wait for the process that was delivering; use it only if that process, in another container or on another machine, has ended',
    );
  addUseGuardOption(addRevisionOption(command), 'with --now: ');
  addGlobalOptions(addDeliveryOptions(command)).action(
    async (given: string | undefined, options: RotateOptions) => {
      refuseBoth(words, '--print', '--no-print');
      const globals = globalOptions(command);
      if (options.due === true) return dueOnly(context, globals, given, options);
      refuseDueFlags(options);
      const step = chosenStep(options, trailing);
      const name = await nameOrPicked(host, globals, given, {
        question: 'Credential to rotate',
        first: 'active',
        ...(step === 'finish' ? { isRetiring: true } : {}),
        fact: 'rotate needs a name',
        hint: 'credctl rotate NAME, or credctl rotate --due',
      });
      return runRotate(host, globals, name, options, trailing);
    },
  );
  return explain(
    command,
    [
      ['credctl rotate ci-bot --grace 7d', 'print a new secret; the old one works for another week'],
      ['credctl rotate ci-bot --finish', 'every app uses the new secret: end the old one now'],
      [
        'credctl rotate --due --within 7d -- ./store-secret.sh',
        'every night: rotate what is due within a week',
      ],
      [
        'credctl rotate --due --output-dir secrets --format docker-secret -q',
        'write a file for each credential; print only failures',
      ],
    ],
    [
      0,
      2,
      3,
      4,
      [
        5,
        'conflict: an old secret is still in use, too many secrets work, or the step does not apply; the message says which',
      ],
      6,
      [7, `${UNFINISHED}; or --due rotated some and not others`],
      8,
      9,
      130,
      143,
    ],
  );
}

/** Rotates, or finishes, aborts or resumes a rotation. */
export async function runRotate(
  host: Host,
  globals: GlobalOptions,
  name: string,
  options: RotateOptions,
  trailing: readonly string[] | null,
): Promise<void> {
  const step = chosenStep(options, trailing);
  if (step !== null) {
    return changing(host, globals, (deps) => runStep(host, globals, deps, name, step, options));
  }
  const stop = stopAtFirst(host);
  const rotateOne = async (deps: Dependencies): Promise<string> => {
    const { prefix } = await deps.store.settings();
    const stops: string[] = [];
    const document = { prefix, members: { rotated: true }, facts: () => stops };
    if (trailing !== null) noteLeftOut(host, globals);
    const route = deliveryRoute(host, globals, options, trailing, document, stop);
    const rotated = await rotate(deps, {
      reference: name,
      supersede:
        options.now === true
          ? { kind: 'revoke' }
          : { kind: 'grace', ms: (options.grace ?? parseDuration(DEFAULT_GRACE)).ms },
      ifOlderThan: options.ifOlderThan ?? null,
      ifRevision: options.ifRevision,
      unlessUsedWithin: options.unlessUsedWithin,
      takeOver: options.takeOver === true,
      destinations: route.destinations,
      onAccepted(credential) {
        // The screen that shows the new secret hides the note.
        if (options.now === true && deps.store.isReadOnly !== true) {
          stops.push(...noteRevokedSecrets(host, globals, credential, deps.clock.now()));
        }
      },
    });
    reportRotation(host, globals, rotated, route, prefix);
    return rotated.credential.name;
  };
  const rotatedName = await Promise.race([stop.left, changing(host, globals, rotateOne, stop)]);
  await endAsTold(stop, `the rotation of ${rotatedName} is complete`);
}

function dueOnly(
  context: CommandContext,
  globals: GlobalOptions,
  name: string | undefined,
  options: RotateOptions,
): Promise<void> {
  const flags = [
    ...(['now', 'takeOver', 'ifOlderThan', 'ifRevision', 'unlessUsedWithin'] as const),
    ...(['finish', 'abort', 'resume', 'reveal'] as const),
  ];
  if (name !== undefined) throw usageError('--due and a name cannot be used together', 'use one of them');
  const foreign = flags.find((flag) => options[flag] !== undefined);
  if (foreign === undefined) return runRotateDue(context, globals, options);
  throw usageError(`--due and --${flagName(foreign)} cannot be used together`, 'use one of them');
}

function refuseDueFlags(options: RotateOptions): void {
  const foreign = (['within', 'dryRun', 'outputDir'] as const).find((flag) => options[flag] !== undefined);
  if (foreign !== undefined) throw usageError(`--${flagName(foreign)} works only with --due`, 'add --due');
}
