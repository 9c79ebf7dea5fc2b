// @ts-check
/**
 * Run by `npm version`, when package.json has the new version already: what stands under "Unreleased" in CHANGELOG.md
 * goes under that version with today's date, and the Homebrew formula names the tarball of that version.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { FORMULA, formulaFor, NO_DIGEST } from './formula.mjs';

const CHANGELOG = 'CHANGELOG.md';
const UNRELEASED = '## [Unreleased]\n';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const date = new Date().toISOString().slice(0, 10);

const [head = '', rest] = readFileSync(CHANGELOG, 'utf8').split(UNRELEASED);
const news = rest?.split(/^## /m)[0]?.trim() ?? '';
if (rest === undefined || news === '') {
  process.stderr.write(`${CHANGELOG} has nothing under "Unreleased": write what is new first\n`);
  process.exitCode = 1;
} else {
  writeFileSync(CHANGELOG, `${head}${UNRELEASED}\n## [${version}] - ${date}\n${rest}`);
  writeFileSync(FORMULA, formulaFor(readFileSync(FORMULA, 'utf8'), version, NO_DIGEST));
}
