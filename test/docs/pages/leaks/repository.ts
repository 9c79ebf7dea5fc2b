import { gitIn } from '../../../cli/scan/scanned.js';
import type { Session } from '../../../support/program/run.js';

/** The page that these tests check. */
export const PAGE = 'docs/leaks.md';

/** A file whose secret begins in line 2, column 6. */
export const settings = (secret: string): string => `port: 80\nkey: ${secret}\n`;

/** Makes a repository of the working directory; a secret was in it, and is gone at HEAD. */
export async function repository(session: Session, secret: string | null) {
  const { workspace } = session;
  const git = gitIn(workspace.directory, workspace.env);
  await git('init', '-q', '-b', 'main');
  await workspace.write('settings.yaml', settings(secret ?? 'none'));
  await git('add', 'settings.yaml');
  await git('commit', '-q', '-m', 'one');
  await workspace.write('settings.yaml', settings('none'));
  await git('commit', '-q', '--allow-empty', '-a', '-m', 'two');
  return git;
}

/** The exit codes of the lines of a block, each run by itself. */
export async function exitCodes(session: Session, text: string): Promise<readonly number[]> {
  const codes: number[] = [];
  for (const line of text.split('\n').filter((each) => /^[^#\n]/.test(each))) {
    codes.push((await session.sh(line)).exitCode);
  }
  return codes;
}
