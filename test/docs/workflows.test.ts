import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROJECT } from '../support/program/real-program.js';
import { openSession, type Session } from '../support/program/run.js';
import { beginJob, type Step } from '../support/servers/actions-runner.js';

const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { name?: string; run?: string }[] }>>;
}

/** The script of the first step of a workflow that has this in its name or its script. */
function scriptOf(file: string, part: string): string {
  const { jobs } = parse(read(`.github/workflows/${file}`)) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  return steps.find(({ name, run }) => `${name} ${run}`.includes(part))?.run ?? '';
}

function release(session: Session, step: string, version = '1.2.0'): Promise<Step> {
  return beginJob(session).step(scriptOf('release.yml', step), {
    GITHUB_REF_NAME: `v${version}`,
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_REPOSITORY: 'someone/credctl',
  });
}

it('a release is announced with its own section of the changelog, and not without', async () => {
  const session = await openSession();
  const [head = '', news = ''] = read('CHANGELOG.md').split('## [Unreleased]\n');
  const first = '\n### Added\n\n- Everything.\n';
  const dated = `## [1.2.0] - 2026-12-01\n${news}\n## [1.1.0] - 2026-11-01\n${first}`;
  await session.workspace.write('CHANGELOG.md', `${head}## [Unreleased]\n\n${dated}`);
  const notes = async (version: string) => {
    const { exitCode } = await release(session, 'what is new in it', version);
    return exitCode === 0 ? session.workspace.read('notes.md') : exitCode;
  };
  expect(await notes('1.2.0')).toBe(`${news}\n`);
  expect(await notes('1.1.0')).toBe(first);
  expect(await notes('1.20')).toBe(1);
});

it('a published package names the repository that its provenance is about', async () => {
  const session = await openSession();
  await session.workspace.write('package.json', read('package.json'));
  const { exitCode, log } = await release(session, 'where it comes from');
  expect(exitCode, log).toBe(0);
  const { repository, name } = JSON.parse(await session.workspace.read('package.json'));
  expect([name, repository]).toEqual([
    'credctl',
    { type: 'git', url: 'git+https://github.example/someone/credctl.git' },
  ]);
});

it('the gate tries the program with a command that works', async () => {
  const session = await openSession();
  const script = scriptOf('gate.yml', 'npx credctl').replaceAll('npx credctl', 'credctl');
  const { exitCode, log } = await beginJob(session).step(script);
  expect([exitCode, log]).toEqual([0, expect.stringContaining('ci-bot')]);
});
