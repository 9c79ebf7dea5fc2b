import { isTermination } from '../../domain/ending-signal.js';
import { CredctlError } from '../../domain/errors.js';
import type { CommandContext } from '../command-context.js';
import { type ErrorView, EXIT_CODES, errorText, errorView, masked } from '../exit.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { boldOn } from '../render/colour.js';
import { jsonDocument } from '../render/json.js';
import { note } from '../session.js';

/** What a reference on the command line names. */
export interface Target {
  /** Its id; the reference itself when there is none. */
  readonly reference: string;
  /** The name of the referenced object; the reference itself when there is none. */
  readonly name: string;
}

/**
 * Resolves references by name, id, client id or handle, without duplicates. What is found is referred to by its id from
 * then on: while a question is open, something else may get the name.
 */
export async function distinctTargets(
  references: readonly string[],
  find: (reference: string) => Promise<{ readonly id: string; readonly name: string } | null>,
): Promise<readonly Target[]> {
  const targets = new Map<string, Target>();
  for (const reference of references) {
    const found = await find(reference);
    const key = found?.id ?? reference;
    if (!targets.has(key)) targets.set(key, { reference: key, name: found?.name ?? reference });
  }
  return [...targets.values()];
}

/** Codes of a reference that names nothing: a secret in the place of a name is `usage`. */
const NO_TARGET: ReadonlySet<CredctlError['code']> = new Set(['not_found', 'usage']);

/** Targets that do not exist, with the errors that say so, by reference. */
export type MissingTargets = ReadonlyMap<string, CredctlError>;

/**
 * The targets that do not exist, so that no question is asked about them.
 *
 * @param find throws `not_found`, or `usage` for a secret
 * @throws CredctlError as {@link forEachTarget}, when none exists
 */
export async function missingTargets(
  targets: readonly Target[],
  find: (reference: string) => Promise<unknown>,
): Promise<MissingTargets> {
  const missing = new Map<string, CredctlError>();
  for (const { reference } of targets) {
    try {
      await find(reference);
    } catch (fault) {
      if (!(fault instanceof CredctlError) || !NO_TARGET.has(fault.code)) throw fault;
      missing.set(reference, fault);
    }
  }
  const [first] = missing.values();
  if (first !== undefined && missing.size === targets.length) {
    const failed = targets.flatMap(({ reference, name }) => {
      const fault = missing.get(reference);
      return fault === undefined ? [] : [failure(name, fault)];
    });
    throw allFailed(failed, first);
  }
  return missing;
}

/** Says what does not exist; with `--json`, the document does. */
export function tellMissing(host: Host, globals: GlobalOptions, missing: MissingTargets): void {
  if (globals.json) return;
  const emphasise = boldOn(host.env, host.err, globals);
  for (const fault of missing.values()) host.err.write(errorText(errorView(fault), false, emphasise));
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
 * Applies a change to each target in sequence, continuing after failures, but not after a signal. The failure of a single
 * target is the command's error; for several, each result is reported, of those before a signal, and the exit code is
 * `partial`, or the signal's.
 *
 * @param missing targets that {@link tellMissing} has told of
 */
export async function forEachTarget(
  { host, setExitCode }: CommandContext,
  globals: GlobalOptions,
  targets: readonly Target[],
  done: string,
  change: (reference: string) => Promise<Changed>,
  missing: MissingTargets = new Map(),
): Promise<void> {
  const results: TargetResult[] = [];
  const told = new Set<TargetResult>();
  const sayings = new Map<string, string>();
  let firstFault: CredctlError | null = null;
  let firstUntold: CredctlError | null = null;
  let ending: CredctlError | null = null;
  for (const { reference, name } of targets) {
    const absent = missing.get(reference);
    if (absent !== undefined) {
      firstFault ??= absent;
      const result = failure(name, absent);
      told.add(result);
      results.push(result);
      continue;
    }
    try {
      const target = await change(reference);
      results.push({ name: target.name, id: target.id, ok: true });
      sayings.set(target.id, target.said ?? `${done} ${target.name}`);
    } catch (fault) {
      if (!(fault instanceof CredctlError)) throw fault;
      firstFault ??= fault;
      firstUntold ??= fault;
      results.push(failure(name, fault));
      if (isTermination(fault.code)) {
        ending = fault;
        break;
      }
    }
  }
  if (firstFault !== null && results.every((result) => !result.ok)) {
    const { code } = ending ?? firstFault;
    if (globals.json || firstUntold === null) throw allFailed(results, ending ?? firstFault, code);
    const untold = results.filter((result) => !told.has(result));
    throw allFailed(untold, ending ?? firstUntold, code);
  }
  if (globals.json) host.out.write(jsonDocument({ results }));
  const emphasise = boldOn(host.env, host.err, globals);
  for (const result of results) {
    if (result.ok) note(host, globals, sayings.get(result.id) ?? '');
    else if (!globals.json && !told.has(result)) host.err.write(errorText(result.error, false, emphasise));
  }
  const failures = results.filter((result) => !result.ok);
  if (failures.length > 0) setExitCode(EXIT_CODES[ending?.code ?? 'partial']);
}

function failure(name: string, fault: CredctlError): TargetResult {
  return { name: masked(name), ok: false, error: errorView(fault) };
}

/**
 * The error when all targets fail, of those that were not told of before.
 *
 * @param code of the first failure of all
 */
function allFailed(
  results: readonly TargetResult[],
  first: CredctlError,
  code: CredctlError['code'] = first.code,
): CredctlError {
  if (results.length === 1 && code === first.code) return first;
  const messages = results.flatMap((result) => (result.ok ? [] : [result.error.message]));
  return new CredctlError(code, `nothing was done: ${messages.join('; ')}`, {
    ...(first.hint === null ? {} : { hint: first.hint }),
  });
}
