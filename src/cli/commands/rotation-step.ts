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
  if (steps.length > 1) throw usageError(`--${steps.join(' and --')} exclude each other`, 'give one of them');
  if (options.now === true && options.grace !== undefined) {
    throw usageError('--now and --grace exclude each other', 'use --now for a leak, --grace otherwise');
  }
  if (options.unlessUsedWithin !== undefined && step === undefined && options.now !== true) {
    throw usageError('--unless-used-within means nothing without --now', 'a grace stops nothing at once');
  }
  if (options.takeOver === true && step === 'finish') {
    throw usageError('--take-over means nothing with --finish', 'leave it out');
  }
  if (options.takeOver === true && step === undefined && options.now !== true) {
    throw usageError('--take-over means nothing by itself', 'add --now, --abort or --resume');
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
    throw usageError(`--${step} and --${flagName(foreign)} exclude each other`, `--${step} issues no secret`);
  }
  if (trailing !== null) throw usageError(`--${step} takes no command`, `--${step} issues no secret`);
  if (step === 'resume' && options.force === true) {
    throw usageError('--force means nothing with --resume', 'leave it out');
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
  note(host, globals, describeStep(step, result, host.clock.now()));
  if (step === 'finish') note(host, globals, 'uses of the last 5 s may not have been counted');
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
    finish: 'the older secret has ended',
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
