import { isTermination } from '../../domain/ending-signal.js';
import { CredctlError } from '../../domain/errors.js';
import type { CommandContext } from '../command-context.js';
import { type ErrorView, EXIT_CODES, errorText, errorView, masked } from '../exit.js';
import type { GlobalOptions } from '../flags/global.js';
import { boldOn } from '../render/colour.js';
import { jsonDocument } from '../render/json.js';
import { note } from '../session.js';

/** A reference on the command line. */
export interface Target {
  readonly reference: string;
  /** The name of the referenced object; the reference itself when there is none. */
  readonly name: string;
}

/** Resolves references by name, id, client id or handle, without duplicates. */
export async function distinctTargets(
  references: readonly string[],
  find: (reference: string) => Promise<{ readonly id: string; readonly name: string } | null>,
): Promise<readonly Target[]> {
  const targets = new Map<string, Target>();
  for (const reference of references) {
    const found = await find(reference);
    const key = found?.id ?? reference;
    if (!targets.has(key)) targets.set(key, { reference, name: found?.name ?? reference });
  }
  return [...targets.values()];
}

/** Result for one of several targets. */
export type TargetResult =
  | { readonly name: string; readonly id: string; readonly ok: true }
  | { readonly name: string; readonly ok: false; readonly error: ErrorView };

/** A changed target. */
export interface Changed {
  readonly name: string;
  readonly id: string;
  /** What is said of it in place of what was done. */
  readonly said?: string;
}

/**
 * Applies a change to each target in sequence, continuing after failures, but not after a signal. The failure of a single target is the
 * command's error; for several, each result is reported and the exit code is `partial`.
 */
export async function forEachTarget(
  { host, setExitCode }: CommandContext,
  globals: GlobalOptions,
  targets: readonly Target[],
  done: string,
  change: (reference: string) => Promise<Changed>,
): Promise<void> {
  const results: TargetResult[] = [];
  const sayings = new Map<string, string>();
  let firstFault: CredctlError | null = null;
  let ending: CredctlError | null = null;
  for (const { reference, name } of targets) {
    try {
      const target = await change(reference);
      results.push({ name: target.name, id: target.id, ok: true });
      sayings.set(target.id, target.said ?? `${done} ${target.name}`);
    } catch (fault) {
      if (!(fault instanceof CredctlError)) throw fault;
      firstFault ??= fault;
      results.push({ name: masked(name), ok: false, error: errorView(fault) });
      if (isTermination(fault.code)) {
        ending = fault;
        break;
      }
    }
  }
  if (firstFault !== null && results.every((result) => !result.ok)) throw allFailed(results, firstFault);
  if (globals.json) host.out.write(jsonDocument({ results }));
  const emphasise = boldOn(host.env, host.err, globals);
  for (const result of results) {
    if (result.ok) note(host, globals, sayings.get(result.id) ?? '');
    else if (!globals.json) host.err.write(errorText(result.error, false, emphasise));
  }
  const failures = results.filter((result) => !result.ok);
  if (failures.length > 0) setExitCode(EXIT_CODES[ending?.code ?? 'partial']);
}

/** When all targets fail, the error has the code of the first failure. */
function allFailed(results: readonly TargetResult[], first: CredctlError): CredctlError {
  if (results.length === 1) return first;
  const messages = results.flatMap((result) => (result.ok ? [] : [result.error.message]));
  return new CredctlError(first.code, `nothing was done: ${messages.join('; ')}`, {
    ...(first.hint === null ? {} : { hint: first.hint }),
  });
}
