import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { exampleOf } from '../../support/build/page.js';
import { verdictOn } from '../../support/dependencies/presented.js';
import { openSession, type Session } from '../../support/program/run.js';
import { standIn } from '../../support/program/stand-in.js';
import { beginJob, type Step } from '../../support/servers/actions-runner.js';
import { makeOverdue } from '../../support/stores/overdue.js';
import { secretsIn } from '../../support/stores/store-probe.js';

const workflow = z.strictObject({
  name: z.string(),
  on: z.union([
    z.enum(['push', 'workflow_dispatch']),
    z.strictObject({
      schedule: z.array(z.strictObject({ cron: z.string().regex(/^\d+ \d+ \* \* \*$/) })),
      workflow_dispatch: z.null(),
    }),
  ]),
  permissions: z.union([z.strictObject({}), z.strictObject({ contents: z.literal('read') })]),
  concurrency: z.string().optional(),
  jobs: z.record(
    z.string(),
    z.strictObject({
      'runs-on': z.array(z.string()).min(1),
      steps: z.array(
        z.strictObject({
          id: z.string().optional(),
          name: z.string().optional(),
          if: z.literal('always()').optional(),
          env: z.record(z.string(), z.string()).optional(),
          run: z.string().min(1),
        }),
      ),
    }),
  ),
});

/** Runs the only job of a workflow of the document. */
async function play(session: Session, name: string, secrets: Readonly<Record<string, string>> = {}) {
  const document = workflow.parse(parse(exampleOf('docs/github-actions.md', `.github/workflows/${name}`)));
  const [only] = Object.values(document.jobs);
  const job = beginJob(session);
  const done: Step[] = [];
  const outputs: Record<string, string> = {};
  for (const step of only?.steps ?? []) {
    const resolve = (text: string): string =>
      text.replaceAll(/\$\{\{ ([\w.-]+) \}\}/g, (_, path: string) => {
        const value = secrets[path] ?? outputs[path];
        if (value === undefined) throw new Error(`nothing is called ${path}`);
        return value;
      });
    const env = Object.fromEntries(Object.entries(step.env ?? {}).map(([key, text]) => [key, resolve(text)]));
    expect(step.run, 'nothing is put into a script').not.toContain('${{');
    const finished = await job.step(step.run, { GITHUB_RUN_ID: '4711', ...env });
    for (const [key, value] of Object.entries(finished.outputs))
      outputs[`steps.${step.id}.outputs.${key}`] = value;
    done.push(finished);
  }
  return done;
}

function expectClean(steps: readonly Step[]): void {
  for (const { exitCode, log } of steps) {
    expect(exitCode, log).toBe(0);
    expect(secretsIn(log)).toEqual([]);
  }
}

describe('the workflows', () => {
  it('integration.yml: a key for a job, which the log never shows', async () => {
    const session = await openSession();
    const steps = await play(session, 'integration.yml');
    expectClean(steps);
    expect(steps[1]?.log).toBe('valid: ci/4711, version 1, data:users');
    expect(await session.ok('list', '--json')).toContain('"credentials":[]');
  });

  it('by-hand.yml: the mask comes before anything else', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const steps = await play(session, 'by-hand.yml');
    expectClean(steps);
    expect(steps[0]?.raw.stdout).toMatch(/^::add-mask::cctl_key_[0-9A-Za-z]{61}\n$/);
    expect(steps[1]?.log).toBe('valid: ci-bot, version 2, data:users');
  });

  it('rotate.yml: every secret reaches its repository, whatever the command prints', async () => {
    const session = await openSession();
    const before = new Map<string, string>();
    for (const name of ['ci-bot', 'web-2-app'])
      before.set(name, await session.issue(name, '--rotate-every', '30d'));
    makeOverdue(session.workspace.defaultStore);
    await standIn(session, 'gh', '[ "$GH_TOKEN" = t0ken ] || exit 1; echo "$*"; cat > "$3"; cat "$3"; echo');
    const steps = await play(session, 'rotate.yml', { 'secrets.ROTATION_TOKEN': 't0ken' });
    expectClean(steps);
    expect(steps[0]?.log.split('\n')).toEqual([
      'secret set CI_BOT --repo example/app',
      '***',
      'secret set WEB_2_APP --repo example/app',
      '***',
      '2 rotated, 0 failed, 0 skipped',
    ]);
    for (const file of ['CI_BOT', 'WEB_2_APP']) {
      expect(await verdictOn(session, await session.workspace.read(file))).toBe('valid');
    }
    for (const secret of before.values()) expect(await verdictOn(session, secret)).toBe('valid');
  });

  it('rotate.yml: a name that could become that of another one is left alone', async () => {
    const session = await openSession();
    for (const name of ['web-app', 'web.app']) await session.issue(name, '--rotate-every', '1d');
    await standIn(session, 'gh', 'cat > "$3"');
    const [step] = await play(session, 'rotate.yml', { 'secrets.ROTATION_TOKEN': 't0ken' });
    expect(step?.exitCode).toBe(7);
    expect(step?.log).toContain('not a name for GitHub: web.app\n');
    expect(step?.log).toContain('1 rotated, 1 failed, 0 skipped');
    expect(await verdictOn(session, await session.workspace.read('WEB_APP'))).toBe('valid');
  });
});
