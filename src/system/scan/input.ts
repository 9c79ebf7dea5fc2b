import { CredctlError } from '../../domain/errors.js';
import type { ScanReport, ScanScope } from '../../domain/ports/scan-port.js';
import { codeOf } from '../../files/errno.js';
import { readChunk } from '../streams.js';
import { scannerOf, tellFound } from './scanner.js';

const BLOCK_BYTES = 1 << 20;

/** How standard input is named in places. */
const INPUT = 'standard input';

/** Scans standard input: {@link ScanSources.input}. */
export async function scanInput(scope: ScanScope, report: ScanReport): Promise<void> {
  const scanner = scannerOf(scope)();
  const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let total = 0;
  for (;;) {
    const length = readBlock(block);
    tellFound(report, INPUT, scanner.push(block.subarray(0, length), length === 0));
    if (length === 0) break;
    total += length;
  }
  report.scanned(total);
}

function readBlock(block: Buffer): number {
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
