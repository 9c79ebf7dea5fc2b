import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { scanned } from './scanned.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Whether all that was ever committed can be scanned; otherwise the files are. */
const HAS_HISTORY = existsSync(fileURLToPath(new URL('../../../.git', import.meta.url)));

/** The test vector of the format: a secret that no store has issued. */
const TEST_VECTOR = 'cctl_key_0123456789AB';

it(`finds nothing but the test vector in ${HAS_HISTORY ? 'the history' : 'the files'} of this project`, async () => {
  const session = await openSession();
  const args = HAS_HISTORY ? ['--history', ROOT] : [ROOT, '--exclude', 'node_modules'];
  const { findings, unreadable, scanned: figures } = await scanned(session, [...args, '--offline']);
  expect(findings.map(({ handle }) => handle)).toEqual([TEST_VECTOR]);
  expect(unreadable).toEqual([]);
  expect(figures.items).toBeGreaterThan(1_000);
});
