import { CredctlError, usageError } from '../../../domain/errors.js';
import type { ScanReport, ScanScope, ScanSources } from '../../../domain/ports/scan-port.js';
import type { Store } from '../../../domain/ports/store-port.js';
import type { ScanFinding } from '../../../domain/scan/finding.js';
import { DEFAULT_PREFIX, ID_LENGTH } from '../../../domain/secret/secret-format.js';
import { identify } from '../../../usecases/scan/identify.js';
import { recordFound } from '../../../usecases/scan/record-found.js';
import type { Revoked } from '../../../usecases/scan/revoke.js';
import { type Scanned, scan } from '../../../usecases/scan/scan.js';
import type { CommandContext } from '../../command-context.js';
import { EXIT_CODES, EXIT_LEAKED, errorText, errorView } from '../../exit.js';
import type { GlobalOptions } from '../../flags/global.js';
import type { Host } from '../../host/host.js';
import { dependencies, readingExisting } from '../../session.js';
import { reportScan, type ScanFormat, tellWaysOut } from './report.js';
import { endedBy, type RevokeFlags, refuseUnready, revokeLive, tellRevoked } from './revoke.js';

/** Flags of `credctl scan`. */
export interface ScanOptions extends RevokeFlags {
  readonly history?: true;
  readonly staged?: true;
  readonly stdin?: true;
  readonly offline?: true;
  readonly ignore: boolean;
  readonly exclude?: readonly string[];
  readonly prefix?: readonly string[];
  readonly format?: ScanFormat;
  readonly jobs?: number;
}

/** Scans, reports what was found, and stops it where that is asked for. */
export async function runScan(
  context: CommandContext,
  globals: GlobalOptions,
  paths: readonly string[],
  options: ScanOptions,
): Promise<void> {
  refuseContradictions(paths, options, globals);
  refuseUnready(context, globals, options);
  const { host } = context;
  const look = (store: Store | null) => scanned(host, globals, paths, options, store);
  const result = options.offline === true ? await look(null) : await withStore(host, globals, look);
  if (isLeak(result, options)) context.setExitCode(EXIT_LEAKED);
  else if (result.unreadable.length > 0) context.setExitCode(EXIT_CODES.partial);
  const live = result.findings.filter(({ standing }) => standing.state === 'live');
  const format = options.format ?? (globals.json ? 'json' : 'text');
  // A person sees what was found before the question; without one it is stopped first, whatever becomes of the output.
  const isAsked = format === 'text' && !globals.yes;
  if (isAsked || options.revoke === undefined) reportScan(host, globals, format, result);
  if (options.revoke === undefined) {
    if (format === 'text') tellWaysOut(host, globals, live);
    return;
  }
  const { revoked, fault } = await dealWith(context, globals, options, live);
  if (!isAsked) reportScan(host, globals, format, result, revoked);
  if (format === 'text') tellRevoked(host, globals, revoked);
  if (fault === null) return;
  if (!(fault instanceof CredctlError) || isEnded(fault)) throw fault;
  // What was found live outweighs why it could not be stopped.
  host.err.write(errorText(errorView(fault), globals.json));
}

function isEnded({ code }: CredctlError): boolean {
  return code === 'interrupted' || code === 'terminated' || code === 'usage';
}

/** A fault is thrown once the document with the findings is written. */
async function dealWith(
  context: CommandContext,
  globals: GlobalOptions,
  options: ScanOptions,
  live: readonly ScanFinding[],
): Promise<{ readonly revoked: readonly Revoked[]; readonly fault: unknown }> {
  if (options.revoke === undefined || live.length === 0) return { revoked: [], fault: null };
  try {
    const { revoked, signal } = await revokeLive(context, globals, options.revoke, options, live);
    return { revoked, fault: signal === null ? null : endedBy(signal, revoked) };
  } catch (fault) {
    return { revoked: [], fault };
  }
}

function refuseContradictions(
  paths: readonly string[],
  { history, staged, stdin, ...options }: ScanOptions,
  { json }: GlobalOptions,
): void {
  const chosen = [history && '--history', staged && '--staged', stdin && '--stdin'].filter(Boolean);
  if (chosen.length > 1)
    throw usageError(`${chosen.join(' and ')} cannot be used together`, 'use one of them');
  if (paths.length > 0 && (staged || stdin)) {
    throw usageError(`${chosen[0]} takes no paths`, 'leave out the paths, or use --exclude');
  }
  if (!options.ignore && chosen.length > 0) {
    throw usageError(`--no-ignore and ${chosen[0]} cannot be used together`, 'leave out --no-ignore');
  }
  if (options.offline && options.revoke !== undefined) {
    throw usageError('--offline and --revoke cannot be used together', 'the store says what works');
  }
  if (json && options.format !== undefined && options.format !== 'json') {
    throw usageError(`--json and --format ${options.format} cannot be used together`, 'use one of them');
  }
}

async function withStore<T>(
  host: Host,
  globals: GlobalOptions,
  look: (store: Store) => Promise<T>,
): Promise<T> {
  let isOpen = false;
  try {
    return await readingExisting(host, globals, (store) => {
      isOpen = true;
      return look(store);
    });
  } catch (fault) {
    if (isOpen || !(fault instanceof CredctlError) || fault.code !== 'store_unavailable') throw fault;
    throw new CredctlError(fault.code, fault.message, {
      hint: `add --offline to look for secrets without a store${fault.hint === null ? '' : `; or ${fault.hint}`}`,
      cause: fault,
    });
  }
}

/** @param store null where none is asked */
async function scanned(
  host: Host,
  globals: GlobalOptions,
  paths: readonly string[],
  options: ScanOptions,
  store: Store | null,
): Promise<Scanned> {
  const own = store === null ? [] : [(await store.settings()).prefix];
  const given = options.prefix ?? [];
  const prefixes = store === null && given.length === 0 ? [DEFAULT_PREFIX] : [...own, ...given];
  const scope: ScanScope = {
    prefixes,
    excluded: options.exclude ?? [],
    withIgnored: !options.ignore,
    jobs: options.jobs ?? null,
  };
  const sources = await host.scanSources();
  const run = (report: ScanReport) =>
    runSource(sources, paths.length === 0 ? ['.'] : paths, options, scope, report);
  const mask = sources.mask(prefixes);
  if (store === null) return scan(run, async () => ({ state: 'unchecked' }), mask);
  const deps = dependencies(host, globals, store);
  await requireHashes(store);
  const result = await scan(run, (secret) => identify(deps, secret), mask);
  await recordFound(deps, result.findings);
  return result;
}

function runSource(
  sources: ScanSources,
  paths: readonly string[],
  { history, staged, stdin }: ScanOptions,
  scope: ScanScope,
  report: ScanReport,
): Promise<void> {
  if (history) return sources.history(paths, scope, report);
  if (staged) return sources.staged('.', scope, report);
  return stdin ? sources.input(scope, report) : sources.files(paths, scope, report);
}

/** What works; and before a commit, or where no store says which works, any secret. */
function isLeak({ findings }: Scanned, { staged, offline }: ScanOptions): boolean {
  return staged || offline ? findings.length > 0 : findings.some(({ standing }) => standing.state === 'live');
}

/**
 * Asks for a hash before all is read: a login that may not is told at once.
 *
 * @throws CredctlError `denied`
 */
async function requireHashes(store: Store): Promise<void> {
  await store.findPresentedVersion('0'.repeat(ID_LENGTH));
}
