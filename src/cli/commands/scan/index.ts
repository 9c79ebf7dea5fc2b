import { Command, Option } from 'commander';
import { CredctlError, usageError } from '../../../domain/errors.js';
import type { ScanReport, ScanScope, ScanSources } from '../../../domain/ports/scan-port.js';
import type { Store } from '../../../domain/ports/store-port.js';
import { DEFAULT_PREFIX, parsePrefix } from '../../../domain/secret/secret-format.js';
import { identify } from '../../../usecases/scan/identify.js';
import { type Scanned, scan } from '../../../usecases/scan/scan.js';
import type { CommandContext } from '../../command-context.js';
import { EXIT_CODES, EXIT_LEAKED } from '../../exit.js';
import { addGlobalOptions, collect, type GlobalOptions, globalOptions, oneOf } from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { dependencies, readingExisting } from '../../session.js';
import { reportScan, SCAN_FORMATS, type ScanFormat } from './report.js';

/** Flags of `credctl scan`. */
export interface ScanOptions {
  readonly history?: true;
  readonly staged?: true;
  readonly stdin?: true;
  readonly offline?: true;
  readonly ignore: boolean;
  readonly exclude?: readonly string[];
  readonly prefix?: readonly string[];
  readonly format?: ScanFormat;
}

/** `credctl scan`. */
export function scanCommand(context: CommandContext): Command {
  const command = new Command('scan')
    .description(
      'Look for leaked secrets in files, in the history of a git repository or in a text. Each one is recognised by its checksum, and looked up in the store: whose it is, and whether it still works. Nothing is sent anywhere, only handles are shown, and looking does not count as a use.',
    )
    .argument('[path...]', 'files and directories (default: the present directory)')
    .option('--history', 'scan all that the git repository has ever held, in place of the files')
    .option('--staged', 'scan what is about to be committed; any secret is a finding')
    .option('--stdin', 'scan standard input')
    .option('--offline', 'ask no store; any secret is a finding')
    .option('--no-ignore', 'scan files that git ignores as well')
    .option(
      '--exclude <glob>',
      'leave out files and directories that fit, such as "*.log"; repeatable',
      collect,
    )
    .addOption(
      new Option(
        '--prefix <prefix>',
        "also look for secrets with this prefix; repeatable (default: the store's)",
      ).argParser((text: string, earlier: readonly string[] | undefined) =>
        collect(parsePrefix(text), earlier),
      ),
    )
    .addOption(
      new Option('--format <format>', 'text, json or sarif (default: text)').argParser(
        oneOf('--format', SCAN_FORMATS),
      ),
    );
  addGlobalOptions(command).action((paths: readonly string[], options: ScanOptions) =>
    runScan(context, globalOptions(command), paths, options),
  );
  return explain(
    command,
    [
      ['credctl scan', 'is there a secret in the files of this directory?'],
      ['credctl scan --history', 'was there ever one in this repository?'],
      ['credctl scan --staged --offline', 'in a hook: is one about to be committed?'],
      ['pbpaste | credctl scan --stdin', 'what is this string that was reported?'],
    ],
    [
      [0, 'no secret that works was found'],
      2,
      [3, 'not_found: a path does not exist, or is in no git repository'],
      4,
      [7, 'partial: something could not be read; what could be read has no secret that works'],
      8,
      9,
      10,
      130,
    ],
  );
}

/** Scans, and reports what was found. */
export async function runScan(
  context: CommandContext,
  globals: GlobalOptions,
  paths: readonly string[],
  options: ScanOptions,
): Promise<void> {
  refuseContradictions(paths, options, globals);
  const { host } = context;
  const look = (store: Store | null) => scanned(host, globals, paths, options, store);
  const result = options.offline === true ? await look(null) : await withStore(host, globals, look);
  reportScan(host, globals, options.format ?? (globals.json ? 'json' : 'text'), result);
  if (isLeak(result, options)) context.setExitCode(EXIT_LEAKED);
  else if (result.unreadable.length > 0) context.setExitCode(EXIT_CODES.partial);
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
  const scope: ScanScope = { prefixes, excluded: options.exclude ?? [], withIgnored: !options.ignore };
  const sources = await host.scanSources();
  const run = (report: ScanReport) =>
    runSource(sources, paths.length === 0 ? ['.'] : paths, options, scope, report);
  return scan(run, async (secret) =>
    store === null ? { state: 'unchecked' } : identify(dependencies(host, globals, store), secret),
  );
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
