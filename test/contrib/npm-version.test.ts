import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../support/program/real-program.js';
import { openSession, type Session } from '../support/program/run.js';

const FILES = ['package.json', 'package-lock.json', 'scripts/release', 'contrib/homebrew'];

/** The changelog with something new in it, which the commit of a release has not. */
const CHANGELOG = readFileSync(join(PROJECT, 'CHANGELOG.md'), 'utf8').replace(
  '## [Unreleased]\n',
  '## [Unreleased]\n\n### Added\n\n- Something.\n',
);

/** A clone, as far as `npm version` looks at it. */
async function clone(): Promise<Session> {
  const session = await openSession();
  for (const file of FILES) cpSync(join(PROJECT, file), session.workspace.path(file), { recursive: true });
  await session.workspace.write('CHANGELOG.md', CHANGELOG);
  return session;
}

const INIT = 'git init -q && git add . && git -c user.name=a -c user.email=a@example.com commit -qm first';

it('npm version dates what is new, and names the tarball in the formula', async () => {
  const session = await clone();
  const { exitCode, stderr } = await session.sh(`${INIT} && npm version 9.8.7 --no-git-tag-version`);
  expect(exitCode, stderr).toBe(0);
  const changelog = await session.workspace.read('CHANGELOG.md');
  const [, date = ''] = /^## \[9\.8\.7\] - (\d{4}-\d{2}-\d{2})$/m.exec(changelog) ?? [];
  expect(Number.isNaN(Date.parse(date))).toBe(false);
  expect(changelog.replace(`\n## [9.8.7] - ${date}\n`, '')).toBe(CHANGELOG);
  expect(changelog).toContain(`## [Unreleased]\n\n## [9.8.7] - ${date}\n\n### `);
  expect(await session.workspace.read('contrib/homebrew/credctl.rb')).toContain('/credctl-9.8.7.tgz"');
  const { stdout } = await session.sh('git diff --cached --name-only');
  expect(stdout).toBe('CHANGELOG.md\ncontrib/homebrew/credctl.rb\n');
});

it('npm version makes one commit of all that the version changes, with its tag', async () => {
  const session = await clone();
  const { exitCode, stderr } = await session.sh(
    `${INIT} && git config user.name a && git config user.email a@example.com && npm version 9.8.7`,
  );
  expect(exitCode, stderr).toBe(0);
  const { stdout } = await session.sh('git tag; git show --format= --name-only HEAD; git status --short');
  expect(stdout).toBe('v9.8.7\nCHANGELOG.md\ncontrib/homebrew/credctl.rb\npackage-lock.json\npackage.json\n');
});

it('npm version fails where nothing is new', async () => {
  const session = await clone();
  await session.workspace.write(
    'CHANGELOG.md',
    '# Changelog\n\n## [Unreleased]\n\n## [0.0.1] - 2026-01-01\n\n- All.\n',
  );
  const { exitCode, stderr } = await session.sh(`${INIT} && npm version 9.8.7 --no-git-tag-version`);
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('CHANGELOG.md has nothing under "Unreleased": write what is new first');
  expect(await session.workspace.read('CHANGELOG.md')).not.toContain('9.8.7');
});
