import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROJECT } from '../support/program/real-program.js';
import { openSession, type Session } from '../support/program/run.js';
import { standIn } from '../support/program/stand-in.js';
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
  const [head = ''] = read('CHANGELOG.md').split('## [Unreleased]\n');
  const news = '\n### Added\n\n- Something with a [link].\n\n### Fixed\n\n- A ## in the middle.\n';
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

it('what is published is what is attached, with its digests', async () => {
  const session = await openSession();
  await session.workspace.write('package.json', '{ "name": "credctl", "version": "1.2.0" }');
  for (const directory of ['scripts/release', 'contrib/homebrew'])
    cpSync(join(PROJECT, directory), session.workspace.path(directory), { recursive: true });
  await session.workspace.write('scripts/sbom.mjs', 'console.log("{}");');
  const { exitCode, log } = await release(session, 'pack it');
  expect(exitCode, log).toBe(0);
  const { stdout } = await session.sh(
    'cd release && ls && sha256sum --check --quiet SHA256SUMS && sha256sum credctl-1.2.0.tgz',
  );
  const [digest = ''] = stdout.split('\n').at(-2)?.split(' ') ?? [];
  expect(stdout).toMatch(/^SHA256SUMS\ncredctl-1\.2\.0\.cdx\.json\ncredctl-1\.2\.0\.tgz\ncredctl\.rb\n/);
  const formula = await session.workspace.read('release/credctl.rb');
  expect(formula).toContain('homepage "https://github.example/someone/credctl"\n');
  expect(formula).toContain(
    `url "https://registry.npmjs.org/credctl/-/credctl-1.2.0.tgz"\n  sha256 "${digest}"\n`,
  );
  for (const program of ['npm', 'gh']) await standIn(session, program, 'echo "$@" >> called');
  for (const version of ['1.2.0', '1.2.0-rc.1'])
    for (const step of ['npm publish', 'gh release'])
      expect((await release(session, step, version)).exitCode).toBe(0);
  const attached =
    'release/SHA256SUMS release/credctl-1.2.0.cdx.json release/credctl-1.2.0.tgz release/credctl.rb';
  expect((await session.workspace.read('called')).split('\n')).toEqual([
    'publish ./release/credctl-1.2.0.tgz --provenance --access public --tag latest',
    `release create v1.2.0 --latest --verify-tag --notes-file notes.md ${attached}`,
    'publish ./release/credctl-1.2.0-rc.1.tgz --provenance --access public --tag next',
    `release create v1.2.0-rc.1 --prerelease --verify-tag --notes-file notes.md ${attached}`,
    '',
  ]);
});

it('the gate tries the program with a command that works', async () => {
  const session = await openSession();
  const script = scriptOf('gate.yml', 'npx credctl').replaceAll('npx credctl', 'credctl');
  const { exitCode, log } = await beginJob(session).step(script);
  expect([exitCode, log]).toEqual([0, expect.stringContaining('ci-bot')]);
});
