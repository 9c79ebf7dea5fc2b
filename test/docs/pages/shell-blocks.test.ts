import { describe, expect, it } from 'vitest';
import { isInstalled } from '../../support/build/checker.js';
import { fencesOf, PAGES } from '../../support/build/page.js';
import { openSession, type Session } from '../../support/program/run.js';

/**
 * What the blocks may do: single quotes around what another shell expands, variables that another block or a file has
 * set, files that exist where the block runs, columns that are read and not used, `cd` in what a person types.
 */
const ALLOWED = 'SC1091,SC2016,SC2034,SC2148,SC2154,SC2164';

/** Writes every block into a file of its own; what is pasted piece by piece is left out. */
async function writeBlocks(session: Session): Promise<number> {
  const blocks = PAGES.flatMap((page) =>
    fencesOf(page)
      .filter(({ language, title }) => language === 'sh' && title !== 'endpoints.sh')
      .map(({ text }, index) => ({ file: `${page.replaceAll('/', '-')}-${index}.sh`, text })),
  );
  for (const { file, text } of blocks) await session.workspace.write(file, text);
  return blocks.length;
}

describe('the blocks of shell', () => {
  it('are in order for a POSIX shell', async () => {
    const session = await openSession();
    expect(await writeBlocks(session)).toBeGreaterThan(50);
    const { stdout, stderr } = await session.sh('for file in *.sh; do sh -n "$file"; done');
    expect(stdout + stderr).toBe('');
  });

  it.skipIf(!isInstalled('shellcheck', 'shellcheck'))('are in order for shellcheck', async () => {
    const session = await openSession();
    await writeBlocks(session);
    const { stdout } = await session.sh(`shellcheck --shell sh --exclude ${ALLOWED} *.sh`);
    expect(stdout).toBe('');
  });
});
