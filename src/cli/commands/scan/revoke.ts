import { codeOfSignal, type EndingSignal } from '../../../domain/ending-signal.js';
import { CredctlError, usageError } from '../../../domain/errors.js';
import type { StopRequest } from '../../../domain/ports/ports.js';
import type { ScanFinding } from '../../../domain/scan/finding.js';
import { counted } from '../../../domain/text/counted.js';
import type { Dependencies } from '../../../usecases/dependencies.js';
import { type Remedy, type Revoked, revokeFound } from '../../../usecases/scan/revoke.js';
import type { CommandContext } from '../../command-context.js';
import { type BatchFlags, batchRoute, requireBatchDestination } from '../../delivery/batch-route.js';
import { errorText, errorView } from '../../exit.js';
import type { GlobalOptions } from '../../flags/global.js';
import type { Host } from '../../host/host.js';
import { confirmChange, requireConfirmable } from '../../prompts/confirmation.js';
import { changing, note, noteLeftOut } from '../../session.js';
import { stopAtSecond } from '../../stopping.js';

/** Flags for stopping what was found. */
export interface RevokeFlags extends Pick<BatchFlags, 'keychain' | 'outputDir' | 'timeout'> {
  readonly revoke?: Remedy;
}

/**
 * Refuses what would fail once everything is read: no destination for new secrets, no confirmation.
 *
 * @throws CredctlError `usage`
 */
export function refuseUnready(
  { host, trailing }: CommandContext,
  globals: GlobalOptions,
  flags: RevokeFlags,
): void {
  const { revoke, keychain, outputDir } = flags;
  if (revoke === 'rotate-now') requireBatchDestination('--revoke rotate-now', flags, trailing);
  else if (trailing !== null) {
    throw usageError(
      'a COMMAND after -- needs --revoke rotate-now',
      'write a path that begins with - as ./-path',
    );
  } else if (keychain !== undefined || outputDir !== undefined) {
    throw usageError('--keychain and --output-dir need --revoke rotate-now', 'they are for new secrets');
  }
  if (revoke !== undefined) requireConfirmable(host, globals, 'stopping secrets needs a confirmation');
}

/**
 * Stops what was found live, after a question.
 *
 * @returns what became of each, and the signal that ended it before all was done
 */
export async function revokeLive(
  context: CommandContext,
  globals: GlobalOptions,
  remedy: Remedy,
  flags: RevokeFlags,
  live: readonly ScanFinding[],
): Promise<{ readonly revoked: readonly Revoked[]; readonly signal: EndingSignal | null }> {
  const { host } = context;
  const doing = remedy === 'deactivate' ? 'Deactivate their credentials' : 'Rotate their credentials now';
  await confirmChange(host, globals, `${doing} (${counted(live.length, 'live secret')})?`);
  const stop = stopAtSecond(host, globals);
  stop.hold();
  try {
    const work = (deps: Dependencies) => revokeAll(context, globals, remedy, flags, live, deps, stop);
    const revoked = await changing(host, globals, work, stop);
    return { revoked, signal: await stop.signal() };
  } finally {
    stop.release();
  }
}

async function revokeAll(
  context: CommandContext,
  globals: GlobalOptions,
  remedy: Remedy,
  flags: RevokeFlags,
  findings: readonly ScanFinding[],
  deps: Dependencies,
  stop: StopRequest,
): Promise<readonly Revoked[]> {
  const { host, trailing } = context;
  const isStopped = async (): Promise<boolean> => (await stop.signal()) !== null;
  const input = { remedy, findings, reason: globals.reason ?? null, isStopped };
  if (remedy === 'deactivate') return revokeFound(deps, { ...input, destinationsFor: async () => [] });
  if (trailing !== null) noteLeftOut(host, globals);
  const route = await batchRoute(context, globals, deps, flags, stop);
  for (const destination of route.sample) await destination.preflight({ abandoned: [] });
  return revokeFound(deps, { ...input, destinationsFor: route.destinationsFor });
}

const SAID: Readonly<Record<Revoked['action'], (revoked: Revoked) => string>> = {
  deactivated: ({ name }) => `deactivated ${name}`,
  rotated: ({ name }) => `rotated ${name}; its older secrets are revoked`,
  token_revoked: ({ name, handle }) => `revoked the access token ${handle} of ${name}`,
  none: ({ name, handle }) => `${handle} of ${name} has been stopped already`,
  left: ({ name, handle }) => `left ${handle} of ${name}: it still works`,
};

/** Says what became of each secret; a failure also with `--quiet`. */
export function tellRevoked(host: Host, globals: GlobalOptions, revoked: readonly Revoked[]): void {
  for (const outcome of revoked) {
    if (outcome.fault === null) note(host, globals, SAID[outcome.action](outcome));
    else {
      const view = errorView(outcome.fault);
      host.err.write(errorText({ ...view, message: `${outcome.name}: ${view.message}` }, false));
    }
  }
}

/** What became of a secret, in JSON documents. */
export function revokedView({ handle, name, action, fault }: Revoked): { readonly [key: string]: unknown } {
  return fault === null
    ? { handle, name, ok: action !== 'left', action }
    : { handle, name, ok: false, action, error: errorView(fault) };
}

/** The error of a run that was ended by a signal. */
export function endedBy(signal: EndingSignal, revoked: readonly Revoked[]): CredctlError {
  const left = revoked.filter(({ action }) => action === 'left').length;
  const code = codeOfSignal(signal);
  return left === 0
    ? new CredctlError(code, `interrupted by ${signal}, but everything that was found is dealt with`)
    : new CredctlError(code, `ended by ${signal} before ${counted(left, 'secret')} could be stopped`, {
        hint: 'what was stopped stays so; run the command again for the rest',
      });
}
