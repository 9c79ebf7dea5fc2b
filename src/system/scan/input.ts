import { CredctlError } from '../../domain/errors.js';
import type { ScanReport, ScanScope } from '../../domain/ports/scan-port.js';
import { type ReportReading, readReport } from '../../domain/scan/report/report.js';
import { codeOf } from '../../files/errno.js';
import { workingDirectory } from '../../files/working-directory.js';
import { readChunk } from '../streams.js';
import { scanReported } from './report/scan-report.js';
import { scannerOf, tellFound } from './scanner.js';

const BLOCK_BYTES = 1 << 20;

/** The longest report of another scanner that is read as one; anything longer is a text. */
const REPORT_MIB = 64;
const REPORT_BYTES = REPORT_MIB << 20;

/** How standard input is named in places. */
const INPUT = 'standard input';

/** Fills a block with what comes next. @returns how many bytes; 0 at the end */
export type ReadBlock = (block: Buffer) => number;

/**
 * Scans standard input: {@link ScanSources.input}. All of it is held only where it may be a report.
 *
 * @param directory where files of a report are looked for
 */
export async function scanInput(
  env: Readonly<Record<string, string | undefined>>,
  scope: ScanScope,
  report: ScanReport,
  directory = workingDirectory(),
  readBlock: ReadBlock = readStandardInput,
): Promise<void> {
  const { held, isEnded, mayBeReport } = readBeginning(readBlock);
  if (mayBeReport && !isEnded) report.noted(`${INPUT} is longer than ${REPORT_MIB} MiB; it is read as text`);
  const reading: ReportReading =
    mayBeReport && isEnded ? readReport(decoded(Buffer.concat(held))) : { kind: 'text' };
  if (reading.kind === 'report') {
    const total = held.reduce((sum, { length }) => sum + length, 0);
    report.scanned(total);
    const count = reading.entries.length;
    report.noted(
      `${INPUT} is a report of ${reading.scanners.join(' and ')}, with ${count} ${count === 1 ? 'entry' : 'entries'}`,
    );
    return scanReported(env, directory, INPUT, reading.entries, scope, report);
  }
  scanText(held, isEnded ? null : readBlock, scope, report);
  if (reading.kind === 'broken')
    report.unreadable(INPUT, `as a report it breaks off in line ${reading.line}; it was read as text`);
}

/** The first blocks: all of them where standard input may be a report, and is no longer than one. */
interface Beginning {
  readonly held: readonly Buffer[];
  readonly isEnded: boolean;
  readonly mayBeReport: boolean;
}

function readBeginning(readBlock: ReadBlock): Beginning {
  const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  const held: Buffer[] = [];
  let total = 0;
  let mayBeReport: boolean | null = null;
  for (;;) {
    const length = readBlock(block);
    if (length === 0) return { held, isEnded: true, mayBeReport: mayBeReport === true };
    held.push(Buffer.from(block.subarray(0, length)));
    total += length;
    mayBeReport ??= beginsLikeJson(block.subarray(0, length), held.length === 1);
    const isTooLong = total > REPORT_BYTES;
    if (mayBeReport === false || isTooLong)
      return { held, isEnded: false, mayBeReport: mayBeReport === true };
  }
}

/** Whether the first byte that is no white space opens a list or an object of JSON; null where there is none yet. */
function beginsLikeJson(bytes: Uint8Array, isFirst: boolean): boolean | null {
  const start = isFirst ? markOf(bytes).length : 0;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === 0x7b || byte === 0x5b) return true;
    // In UTF-16 every other byte is 0.
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0) return false;
  }
  return null;
}

/** The mark of byte order at the beginning (Unicode §23.8), and the encoding that it stands for. */
function markOf(bytes: Uint8Array): { readonly length: number; readonly encoding: string } {
  const begins = (...mark: readonly number[]): boolean => mark.every((byte, index) => bytes[index] === byte);
  if (begins(0xff, 0xfe)) return { length: 2, encoding: 'utf-16le' };
  if (begins(0xfe, 0xff)) return { length: 2, encoding: 'utf-16be' };
  return { length: begins(0xef, 0xbb, 0xbf) ? 3 : 0, encoding: 'utf-8' };
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder(markOf(bytes).encoding).decode(bytes);
}

/** @param readBlock reads what follows; null where nothing does */
function scanText(
  held: readonly Buffer[],
  readBlock: ReadBlock | null,
  scope: ScanScope,
  report: ScanReport,
): void {
  const scanner = scannerOf(scope)();
  const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let total = 0;
  for (const bytes of held) {
    tellFound(report, INPUT, scanner.push(bytes));
    total += bytes.length;
  }
  for (let length = readBlock?.(block) ?? 0; length > 0; length = readBlock?.(block) ?? 0) {
    tellFound(report, INPUT, scanner.push(block.subarray(0, length)));
    total += length;
  }
  report.scanned(total);
}

function readStandardInput(block: Buffer): number {
  try {
    return readChunk(0, block);
  } catch (fault) {
    const code = codeOf(fault);
    if (code === null) throw fault;
    throw new CredctlError('usage', `standard input cannot be read (${code})`, {
      hint: 'check what standard input is connected to',
    });
  }
}
