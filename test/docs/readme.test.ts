import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { fencesOf, readPage } from '../support/build/page.js';
import { PROJECT } from '../support/program/real-program.js';
import { openSession } from '../support/program/run.js';

const README = readPage('README.md');

it('the two commands of the first screen install and issue, and install and test', () => {
  const firstScreen = README.split('\n').slice(0, 24).join('\n');
  expect(firstScreen).toContain(
    'npm ci && npx credctl create ci-bot --type api-key --scope data:conversations ',
  );
  expect(firstScreen).toContain('npm ci && npm test ');
});

it('the first command issues a key once it is installed', async () => {
  const [, command = ''] = /^npm ci && npx (credctl .*?) +#/m.exec(README) ?? [];
  const session = await openSession();
  const { exitCode, stdout } = await session.sh(command);
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^cctl_key_[0-9A-Za-z]{61}\n$/)]);
});

it('the commands that install put the program on the path of a clone', async () => {
  const installation = fencesOf('README.md').find(({ title }) => title.startsWith('git clone '))?.text ?? '';
  expect(installation).toMatch(/^npm ci .*\nnpm install -g \. .*\ncredctl --version\n/m);
  const { workspace } = await openSession();
  const prefix = workspace.path('prefix');
  // Nothing is built again, which would disturb the tests that run what was built.
  const flags = ['--prefix', prefix, '--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  const env = { ...workspace.env, NPM_CONFIG_UPDATE_NOTIFIER: 'false' };
  await execa('npm', ['install', '-g', ...flags, '.'], { cwd: PROJECT, env, extendEnv: false });
  const { stdout } = await execa(join(prefix, 'bin', 'credctl'), ['--version'], { env, extendEnv: false });
  expect(stdout).toMatch(/^credctl \d+\.\d+\.\d+$/);
});
