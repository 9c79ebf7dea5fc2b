import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultNumber } from '../../support/faults/fault-numbers.js';
import { type Finished, readDocument, sessionIn } from '../../support/program/run.js';
import { createWorkspace, type Workspace } from '../../support/program/workspace.js';
import { runCaptured } from '../captured-host.js';
import { errorDocument } from '../contract/output/shapes.js';
import { expectHarmless } from '../hostile/hostile-text.js';
import { argumentVectors, inputs } from './arguments.js';
import { HIDDEN } from './vocabulary.js';

const RUNS = faultNumber(10_000);

/** Exit codes of a command that was refused as a whole: its error is all that there is. */
const REFUSED = new Set([2, 3, 5, 6, 8]);

/** Commands that tell their outcome on stdout and by another exit code than 0. */
const OUTCOMES = new Set([4, 7, 9]);

let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace();
  const session = sessionIn(workspace);
  await session.ok('owner', 'create', 'crm', '--kind', 'service');
  await session.ok('owner', 'create', 'alice', '--kind', 'user');
  await session.issue('ci-bot', '--label', 'a=1', '--description', 'two\nlines');
  await session.issue('expired', '--expires-in', '1s');
  await session.issue('retiring');
  await session.ok('rotate', 'retiring', '-q');
  await session.sh('credctl catalog show > catalog.yaml; mkdir -p sub elsewhere');
});
afterAll(() => workspace.remove());

function expectSound(argv: readonly string[], { exitCode, stdout, stderr }: Finished): void {
  expect(exitCode === 0 || REFUSED.has(exitCode) || OUTCOMES.has(exitCode), `exit ${exitCode}`).toBe(true);
  const output = stdout + stderr;
  expect(output).not.toMatch(/^\s+at .+:\d+/m);
  expect(output).not.toContain(HIDDEN);
  expect(output).not.toContain('hunter2');
  expectHarmless(output);
  if (argv[0] === '--json' && exitCode === 0) expectOneDocument(stdout);
  if (!REFUSED.has(exitCode)) return;
  if (argv[0] === '--json') {
    expect(stdout).toBe('');
    readDocument(errorDocument, stderr);
    return;
  }
  // A catalog that is not confirmed has shown what it would change.
  if (!argv.includes('catalog')) expect(stdout).toBe('');
  expect(stderr).toMatch(/^(?:(?!credctl: )[^\n]*\n)*credctl: [^\n]+\n(?: {2}[^\n]+\n)*(?:hint: [^\n]+\n)?$/);
}

/** One document, except where help or the version was asked for. */
function expectOneDocument(stdout: string): void {
  if (/^(Usage: )?credctl /.test(stdout)) return;
  expect(stdout.endsWith('\n')).toBe(true);
  expect(JSON.parse(stdout)).toMatchObject({ schema_version: 1 });
}

describe(`${RUNS} generated command lines`, () => {
  it('end with a clear answer: no crash, no stack trace, no secret', async () => {
    await fc.assert(
      fc.asyncProperty(argumentVectors, inputs, async (argv, stdin) => {
        expectSound(argv, await runCaptured(workspace, argv, stdin));
      }),
      { numRuns: RUNS },
    );
  });

  it('leave the store sound', async () => {
    const session = sessionIn(workspace);
    expect(await session.ok('store', 'check')).not.toContain('error');
    expect(await session.ok('audit', 'verify')).toMatch(/^valid: /);
    const { exitCode } = await session.sh(`grep -rqF ${HIDDEN} '${workspace.dataHome}'`);
    expect(exitCode, 'nothing of a secret in an argument was kept').toBe(1);
  });
});
