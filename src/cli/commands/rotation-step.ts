import type { Credential } from '../../domain/credential/credential.js';
import { authenticates, newestFirst, versionState } from '../../domain/credential/version.js';
import { usageError } from '../../domain/errors.js';
import type { Dependencies } from '../../usecases/dependencies.js';
import {
  abortRotation,
  finishRotation,
  resumeRotation,
  type StepResult,
} from '../../usecases/rotation/end-rotation.js';
import { removeCopiesAfter } from '../delivery/saved-copies.js';
import { flagName, type GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { jsonDocument } from '../render/json.js';
import { credentialView } from '../render/views.js';
import { note } from '../session.js';
import type { RotateOptions } from './rotate-options.js';

/** The steps that finish, abort or resume a rotation. */
export type Step = 'finish' | 'abort' | 'resume';

/**
 * The step selected by the flags; null for a new rotation.
 *
 * @throws CredctlError `usage` for flags that contradict each other
 */
export function chosenStep(options: RotateOptions, trailing: readonly string[] | null): Step | null {
  const steps = (['finish', 'abort', 'resume'] as const).filter((step) => options[step] === true);
  const [step] = steps;
  if (steps.length > 1)
    throw usageError(`--${steps.join(' and --')} cannot be used together`, 'use one of them');
  if (options.now === true && options.grace !== undefined) {
    throw usageError(
      '--now and --grace cannot be used together',
      'use --now after a leak, otherwise --grace',
    );
  }
  if (options.unlessUsedWithin !== undefined && step === undefined && options.now !== true) {
    throw usageError(
      '--unless-used-within works only with --now',
      'add --now: with a grace period nothing stops at once',
    );
  }
  if (options.takeOver === true && step === 'finish') {
    throw usageError('--take-over does not work with --finish', 'leave it out');
  }
  if (options.takeOver === true && step === undefined && options.now !== true) {
    throw usageError('--take-over works only with --now, --abort or --resume', 'add one of them');
  }
  if (step === undefined) return null;
  const foreign = (
    [
      'grace',
      'now',
      'ifOlderThan',
      'ifRevision',
      'unlessUsedWithin',
      'output',
      'format',
      'print',
      'reveal',
      'envPrefix',
      'timeout',
      'keychain',
    ] as const
  ).find((flag) => options[flag] !== undefined);
  if (foreign !== undefined) {
    throw usageError(
      `--${step} and --${flagName(foreign)} cannot be used together`,
      `--${step} issues no secret`,
    );
  }
  if (trailing !== null) throw usageError(`--${step} takes no command`, `--${step} issues no secret`);
  if (step === 'resume' && options.force === true) {
    throw usageError('--force does not work with --resume', 'leave it out');
  }
  return step;
}

/** Runs the step and reports its result. */
export async function runStep(
  host: Host,
  globals: GlobalOptions,
  deps: Dependencies,
  reference: string,
  step: Step,
  options: RotateOptions,
): Promise<void> {
  const before = await deps.store.findCredential(reference);
  const result = await takeStep(deps, reference, step, options);
  if (before !== null && step !== 'finish') await removeCopiesAfter(step, host, globals, deps.store, before);
  const { prefix } = await deps.store.settings();
  if (globals.json) {
    const now = host.clock.now();
    host.out.write(
      jsonDocument({
        credential: result.credential === null ? null : credentialView(result.credential, prefix, now),
      }),
    );
  }
  for (const text of result.notes) note(host, globals, `note: ${text}`);
  note(host, globals, describeStep(step, result, host.clock.now()));
  if (step === 'finish') note(host, globals, 'uses in the last 5 seconds may not be counted yet');
}

function takeStep(
  deps: Dependencies,
  reference: string,
  step: Step,
  options: RotateOptions,
): Promise<StepResult> {
  const [force, takeOver] = [options.force === true, options.takeOver === true];
  if (step === 'finish') return finishRotation(deps, { reference, force });
  if (step === 'abort') return abortRotation(deps, { reference, force, takeOver });
  return resumeRotation(deps, { reference, takeOver });
}

function describeStep(step: Step, { credential, name }: StepResult, now: number): string {
  if (credential === null) return `removed ${name}: its secret was never delivered`;
  const numbers = {
    finish: 'the older secret is revoked',
    abort: `the newer secret is revoked, ${previousOf(credential, now)}`,
    resume: 'the pending secret is confirmed as delivered',
  } as const;
  return `${credential.name}: ${numbers[step]}`;
}

function previousOf({ versions }: Credential, now: number): string {
  const newest = newestFirst(versions).find((version) => authenticates(version, now));
  if (newest === undefined) return 'and no other works';
  if (versionState(newest, now) !== 'pending') return 'the previous one is current';
  return `version ${newest.number} is still pending: '--resume' confirms it, '--abort' revokes it`;
}
