import { onTestFinished } from 'vitest';
import type { UnlockedKeyring } from '../../support/keychain/unlocked-keyring.js';
import { type Session, sessionIn } from '../../support/program/run.js';
import { createWorkspace } from '../../support/program/workspace.js';

/** A session whose commands find the keychain. */
export interface KeptSession extends Session {
  /** Creates an API key for data:users that the keychain keeps; the secret. */
  keep(name: string, ...flags: readonly string[]): Promise<string>;
  /** The same for an OAuth client. */
  keepClient(name: string): Promise<{ readonly id: string; readonly secret: string }>;
}

/** Opens a session that is cleared away when the test has finished. */
export async function openKept(keyring: UnlockedKeyring): Promise<KeptSession> {
  await keyring.revive();
  const workspace = await createWorkspace();
  onTestFinished(() => workspace.remove());
  const session = sessionIn({ ...workspace, env: { ...workspace.env, ...keyring.env } });
  return {
    ...session,
    keep: (name, ...flags) => session.issue(name, '--keychain', ...flags),
    async keepClient(name) {
      const issued = await session.ok('create', name, '--scope', 'data:users', '--keychain', '--json');
      const { secret } = JSON.parse(issued);
      return { id: secret.client_id, secret: secret.client_secret };
    },
  };
}

/** A line of shell that the program runs, as arguments. */
export function shell(script: string): readonly string[] {
  return ['--', 'sh', '-c', script];
}
