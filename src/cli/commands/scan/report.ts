import { type ScanFinding, STATES } from '../../../domain/scan/finding.js';
import { byteSize } from '../../../domain/text/byte-size.js';
import { counted } from '../../../domain/text/counted.js';
import { shellCommand, shellWord } from '../../../domain/text/quote.js';
import { safeForTerminal } from '../../../domain/text/safe-text.js';
import type { Revoked } from '../../../usecases/scan/revoke.js';
import type { PassedOver, Scanned } from '../../../usecases/scan/scan.js';
import { masked } from '../../exit.js';
import type { GlobalOptions } from '../../flags/global.js';
import type { Host } from '../../host/host.js';
import { jsonDocument } from '../../render/json.js';
import { timeFormatOn } from '../../render/last-use.js';
import { sarifDocument } from '../../render/scan/sarif.js';
import { scanText } from '../../render/scan/scan-text.js';
import { scanView } from '../../render/scan/scan-view.js';
import { styleFor } from '../../render/style.js';
import { note } from '../../session.js';
import { revokedView } from './revoke.js';

/** Forms of the outcome of a scan. */
export const SCAN_FORMATS = ['text', 'json', 'sarif'] as const;
export type ScanFormat = (typeof SCAN_FORMATS)[number];

/** Writes the outcome of a scan: findings to stdout, what to know of the scan itself to stderr. */
export function reportScan(
  host: Host,
  globals: GlobalOptions,
  format: ScanFormat,
  scanned: Scanned,
  revoked: readonly Revoked[] = [],
): void {
  const now = host.clock.now();
  if (format === 'json') {
    host.out.write(jsonDocument({ ...scanView(scanned, now), revoked: revoked.map(revokedView) }));
    return;
  }
  if (format === 'sarif') {
    host.out.write(sarifDocument(scanned.findings, host.version, scanned.unreadable));
    return;
  }
  const style = styleFor(host, host.out, globals);
  host.out.write(scanText(scanned.findings, now, timeFormatOn(host.out, now), style));
  noteOutcome(host, globals, scanned);
}

function noteOutcome(host: Host, globals: GlobalOptions, scanned: Scanned): void {
  for (const text of scanned.notes) note(host, globals, `note: ${text}`);
  if (scanned.passedOver.length > 0) note(host, globals, `note: passed over ${kindsOf(scanned.passedOver)}`);
  // A scan that is incomplete says so, whatever is silenced.
  for (const { path, reason } of scanned.unreadable) {
    host.err.write(`${safeForTerminal(masked(`cannot read ${path}: ${reason}`), { newlines: 'escape' })}\n`);
  }
  note(host, globals, summary(scanned));
}

/** Notes how what works can be stopped. */
export function tellWaysOut(host: Host, globals: GlobalOptions, live: readonly ScanFinding[]): void {
  for (const name of namesOfLive(live)) {
    note(host, globals, `to stop the secret of ${name}: ${waysOut(name)}`);
  }
}

function waysOut(name: string): string {
  const another = shellCommand(`credctl rotate ${shellWord(name)} --now`);
  return `${another}, which issues another, or ${shellCommand(`credctl deactivate ${shellWord(name)}`)}`;
}

/** Such as `2 symbolic links and 1 named pipe`. */
function kindsOf(passedOver: readonly PassedOver[]): string {
  const counts = new Map<string, number>();
  for (const { what } of passedOver) counts.set(what, (counts.get(what) ?? 0) + 1);
  return [...counts].map(([what, count]) => counted(count, what.replace(/^an? /, ''))).join(', ');
}

function summary({ findings, items, bytes, unreadable }: Scanned): string {
  const states = STATES.map((state) => [
    state,
    findings.filter(({ standing }) => standing.state === state).length,
  ]);
  const found = states.filter(([, count]) => count !== 0).map(([state, count]) => `${count} ${state}`);
  const left = unreadable.length === 0 ? '' : `; ${unreadable.length} could not be read`;
  return `scanned ${counted(items, 'text')}, ${byteSize(bytes)}: ${found.join(', ') || 'no secret found'}${left}`;
}

/** The credentials whose own secrets are live; a token ends with its client's. */
function namesOfLive(live: readonly ScanFinding[]): readonly string[] {
  const names = live.flatMap(({ standing }) => (standing.state === 'live' ? [standing.credential.name] : []));
  return [...new Set(names)];
}
