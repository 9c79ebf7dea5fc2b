import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { strangerSecret } from '../../../cli/scan/scanned.js';
import { exampleOf } from '../../../support/build/page.js';
import { openSession } from '../../../support/program/run.js';
import { standIn } from '../../../support/program/stand-in.js';
import { beginJob } from '../../../support/servers/actions-runner.js';
import { PAGE, repository } from './repository.js';

const workflow = z.strictObject({
  name: z.literal('leaks'),
  on: z.literal('push'),
  // What the upload needs, and no more.
  permissions: z.strictObject({ contents: z.literal('read'), 'security-events': z.literal('write') }),
  jobs: z.strictObject({
    scan: z.strictObject({
      'runs-on': z.literal('ubuntu-latest'),
      steps: z.tuple([
        z.strictObject({
          uses: z.literal('actions/checkout@v4'),
          with: z.strictObject({ 'fetch-depth': z.literal(0) }),
        }),
        z.strictObject({
          uses: z.literal('actions/setup-node@v4'),
          with: z.strictObject({ 'node-version': z.int().min(22) }),
        }),
        z.strictObject({ run: z.string() }),
        z.strictObject({ run: z.string() }),
        z.strictObject({
          uses: z.string().startsWith('github/codeql-action/upload-sarif@'),
          if: z.literal('always()'),
          with: z.strictObject({ sarif_file: z.string() }),
        }),
      ]),
    }),
  }),
});

const pipeline = z.strictObject({
  leaks: z.strictObject({
    image: z.string().startsWith('node:'),
    variables: z.strictObject({ GIT_DEPTH: z.literal('0') }),
    script: z.array(z.string()).min(1),
  }),
});

describe('the jobs', () => {
  it.each([
    ['without', null, 0],
    ['with', strangerSecret(1, 'acme'), 10],
  ] as const)('end as they should in a repository %s a secret', async (_, secret, code) => {
    const session = await openSession();
    await repository(session, secret);
    await standIn(session, 'npm', '[ "$*" = "install -g credctl" ]');
    const { steps } = workflow.parse(parse(exampleOf(PAGE, '.github/workflows/leaks.yml'))).jobs.scan;
    const [, , install, scan, upload] = steps;
    const job = beginJob(session);
    expect((await job.step(install.run)).exitCode).toBe(0);
    expect((await job.step(scan.run)).exitCode).toBe(code);
    const { runs } = JSON.parse(await session.workspace.read(upload.with.sarif_file));
    expect(runs[0].results).toHaveLength(secret === null ? 0 : 1);
    const { script } = pipeline.parse(parse(exampleOf(PAGE, '.gitlab-ci.yml'))).leaks;
    const played = await session.sh(`set -e\n${script.join('\n')}`);
    expect(played.exitCode).toBe(code);
    expect(played.stdout.includes('acme_key_')).toBe(secret !== null);
  });
});
