import { describe, expect, it } from 'vitest';
import { exampleOf } from '../../support/build/page.js';
import { openSession } from '../../support/program/run.js';
import { standIn } from '../../support/program/stand-in.js';

describe('docs/several-admins.md', () => {
  it('move.sh brings the store to its new user with everything in it', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await standIn(session, 'useradd', 'echo "$*" > called');
    // Another root directory, where no file can be given to another user.
    await standIn(
      session,
      'install',
      'case $1 in --directory) for last; do :; done; mkdir -m 0700 -p ".$last" ;; *) cp -p "$7" ".$8" ;; esac',
    );
    const { exitCode, stderr } = await session.sh(
      `set -e\n${exampleOf('docs/several-admins.md', 'move.sh')}`,
    );
    expect(exitCode, stderr).toBe(0);
    expect(await session.ok('list', '--store', './var/lib/credctl/credctl.db')).toContain('ci-bot');
    expect(await session.workspace.read('called')).toContain('credctl');
  });
});
