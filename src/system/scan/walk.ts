import { readdirSync } from 'node:fs';
import type { ScanReport } from '../../domain/ports/scan-port.js';
import { errnoText } from './errno-text.js';
import { kindOf } from './file-content.js';
import { type Excluded, joinedPath } from './paths.js';

/** What a walk meets besides files. */
type WalkReport = Pick<ScanReport, 'unreadable' | 'passedOver'>;

/**
 * The files below a directory, relative to it, without following links. The objects of git are left out: they are
 * compressed, and searched as history.
 */
export function* filesBelow(
  root: string | Buffer,
  excluded: Excluded,
  report: WalkReport,
): Generator<Buffer> {
  const open: Buffer[] = [Buffer.alloc(0)];
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    const path = joinedPath(root, directory);
    let entries: ReturnType<typeof list>;
    try {
      entries = list(path);
    } catch (fault) {
      report.unreadable(path.toString(), errnoText(fault));
      continue;
    }
    const below: Buffer[] = [];
    for (const entry of entries) {
      const relative = joinedPath(directory, entry.name);
      if (excluded(relative, entry.isDirectory())) continue;
      if (entry.isFile()) yield relative;
      else if (!entry.isDirectory()) report.passedOver(joinedPath(root, relative).toString(), kindOf(entry));
      else if (!isObjectsOfGit(relative)) below.push(relative);
    }
    open.push(...below.reverse());
  }
}

function list(path: Buffer) {
  return readdirSync(path, { withFileTypes: true, encoding: 'buffer' }).sort((a, b) =>
    Buffer.compare(a.name, b.name),
  );
}

function isObjectsOfGit(relative: Buffer): boolean {
  return /(?:^|\/)\.git\/(?:modules\/.+\/)?objects$/.test(relative.toString());
}
