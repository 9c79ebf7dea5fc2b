import { describe, expect, it } from 'vitest';
import { isInstalled } from '../../support/build/checker.js';
import { exampleOf } from '../../support/build/page.js';
import { verdictOn } from '../../support/dependencies/presented.js';
import { openSession } from '../../support/program/run.js';

const DOCUMENT = 'docs/local-development.md';
const hasDirenv = isInstalled('direnv', 'direnv');

describe('direnv', () => {
  it.skipIf(!hasDirenv)('gives a directory its key, and the new one after a rotation', async () => {
    const session = await openSession();
    const run = async (script: string) => {
      const { exitCode, stdout, stderr } = await session.sh(`set -e\n${script}`);
      expect(exitCode, stderr).toBe(0);
      return stdout;
    };
    await run(exampleOf(DOCUMENT, 'once.sh'));
    await session.workspace.write('.envrc', exampleOf(DOCUMENT, '.envrc'));
    await run('direnv allow .');
    const first = await run('direnv exec . sh -c \'printf %s "$APP_API_KEY"\'');
    expect(await verdictOn(session, first)).toBe('valid');
    expect(await run('stat -c %a .env')).toBe('600\n');
    await run(exampleOf(DOCUMENT, 'again.sh'));
    const second = await run('direnv exec . sh -c \'printf %s "$APP_API_KEY"\'');
    expect(second).not.toBe(first);
    expect(await verdictOn(session, second)).toBe('valid');
    expect(await verdictOn(session, first)).toBe('version_retired');
  });

  it.skipIf(!hasDirenv)(
    'loads it into an interactive shell, and sees that the file has changed',
    async () => {
      const session = await openSession();
      await session.workspace.write('.envrc', exampleOf(DOCUMENT, '.envrc'));
      await session.workspace.write(
        'at-the-prompt.bash',
        `${exampleOf(DOCUMENT, 'once.sh')}
      # direnv tells times apart by the second.
      touch -d '1 hour ago' .env
      direnv allow .
      eval "$(direnv export bash)"; printf '%s\\n' "$APP_API_KEY"
      ${exampleOf(DOCUMENT, 'again.sh')}
      eval "$(direnv export bash)"; printf '%s\\n' "$APP_API_KEY"
    `,
      );
      const { stdout, stderr } = await session.sh('bash at-the-prompt.bash');
      const [first = '', second = ''] = stdout.trimEnd().split('\n');
      expect(stderr).not.toContain(first.slice('cctl_key_'.length));
      expect(await verdictOn(session, first)).toBe('version_retired');
      expect(await verdictOn(session, second)).toBe('valid');
    },
  );

  it('never has its key committed', async () => {
    const session = await openSession();
    await session.sh(`git init -q . && ${exampleOf(DOCUMENT, 'once.sh')}`);
    const { stdout } = await session.sh('git add --all && git ls-files');
    expect(stdout).toBe('.gitignore\n');
  });
});
