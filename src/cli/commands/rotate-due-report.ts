import type { Credential } from '../../domain/credential/credential.js';
import { codeOfSignal, type EndingSignal } from '../../domain/ending-signal.js';
import { CredctlError } from '../../domain/errors.js';
import { counted } from '../../domain/text/counted.js';
import { TooManySecrets } from '../../usecases/rotation/rotate.js';
import type { RotatedDue, SkippedDue, SkipReason } from '../../usecases/rotation/rotate-due.js';
import { printOutcome } from '../delivery/report.js';
import { errorText, errorView } from '../exit.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { boldOn } from '../render/colour.js';
import { withReasons } from '../render/effect.js';
import { note } from '../session.js';

const REASONS: Readonly<Record<Exclude<SkipReason, 'interrupted'>, string>> = {
  conflict: 'another command is rotating it',
  not_due: 'it is no longer due: another command has just rotated or edited it',
  not_found: 'it has just been deleted',
};

/**
 * Reports the outcome of a batch rotation: failures, also with `--quiet`, and the figures.
 *
 * @throws CredctlError `partial` when the document cannot be printed
 */
export function reportDue(
  host: Pick<Host, 'env' | 'out' | 'err'>,
  globals: GlobalOptions,
  result: RotatedDue,
): void {
  if (globals.json) {
    printOutcome(host, {
      rotated: result.rotated,
      failed: result.failed.map(({ name, fault }) => ({ name, error: errorView(fault) })),
      skipped: result.skipped.map(skippedView),
    });
    return;
  }
  for (const { name, fault } of result.failed) {
    const view = errorView(fault);
    const emphasise = boldOn(host.env, host.err, globals);
    host.err.write(errorText({ ...view, message: `${name}: ${view.message}` }, false, emphasise));
  }
  const left = result.skipped.filter(({ reason }) => reason === 'interrupted');
  const skipped = result.skipped.filter(({ reason }) => reason !== 'interrupted');
  tellSkipped(host, globals, skipped);
  const figures = [
    `${result.rotated.length} rotated`,
    `${result.failed.length} failed`,
    `${skipped.length} skipped`,
    ...(left.length === 0 ? [] : [`${left.length} left`]),
  ];
  note(host, globals, figures.join(', '));
}

/** The error of a run that was ended by a signal. */
export function endedBy(signal: EndingSignal, { failed, skipped }: RotatedDue): CredctlError {
  const left = skipped.filter(({ reason }) => reason === 'interrupted').length;
  const code = codeOfSignal(signal);
  if (left > 0) {
    const what = left === 1 ? 'one credential' : `${left} credentials`;
    return new CredctlError(code, `ended by ${signal} before ${what} could be rotated`, {
      hint: 'the other credentials were not changed; run the command again',
    });
  }
  return failed.length > 0
    ? new CredctlError(code, `ended by ${signal}`, { hint: 'no credential is left; see the failures above' })
    : new CredctlError(code, `interrupted by ${signal}, but everything that was due is complete`, {
        hint: 'nothing needs to be repeated',
      });
}

/**
 * Notes each skipped credential with the reason; also with `--quiet` where later runs would skip it again, until its
 * secrets end.
 */
export function tellSkipped(
  host: Pick<Host, 'err'>,
  globals: GlobalOptions,
  skipped: readonly SkippedDue[],
): void {
  for (const { name, reason, fault } of skipped) {
    if (reason === 'interrupted') continue;
    const isStuck = fault instanceof TooManySecrets;
    const hint = isStuck && globals.quiet ? `; ${fault.hint}` : '';
    const told = `skipped ${name}: ${fault?.message ?? REASONS[reason]}${hint}`;
    note(host, { ...globals, quiet: globals.quiet && !isStuck }, told);
  }
}

/** Notes the credentials that are due but stopped, with the reasons. */
export function tellStopped(
  host: Pick<Host, 'err' | 'clock'>,
  globals: GlobalOptions,
  stopped: readonly Credential[],
): void {
  if (stopped.length === 0) return;
  const which = withReasons(stopped, host.clock.now());
  note(
    host,
    globals,
    `note: ${counted(stopped.length, 'credential')} due but not rotated, because stopped: ${which}`,
  );
}

/** A skipped credential in JSON documents. */
export function skippedView({ name, reason }: SkippedDue): { readonly [key: string]: unknown } {
  return { name, reason };
}
