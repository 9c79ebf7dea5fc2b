// @ts-check
/**
 * Prints the Homebrew formula for a packed tarball: `node scripts/release/print-formula.mjs TARBALL HOMEPAGE`. The
 * registry hands out the bytes that were published, so that the digest of the file is the one that Homebrew sees.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { FORMULA, formulaFor } from './formula.mjs';

const [, , tarball, homepage] = process.argv;
if (tarball === undefined || homepage === undefined) {
  process.stderr.write('usage: node scripts/release/print-formula.mjs TARBALL HOMEPAGE\n');
  process.exitCode = 2;
} else {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const digest = createHash('sha256').update(readFileSync(tarball)).digest('hex');
  process.stdout.write(formulaFor(readFileSync(FORMULA, 'utf8'), version, digest, homepage));
}
