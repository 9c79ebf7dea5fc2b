import { fileURLToPath } from 'node:url';
import type { Session } from '../program/run.js';

const PRELOAD = fileURLToPath(new URL('wrong-clock.cjs', import.meta.url));

/** The environment of a machine whose clock is so many milliseconds ahead; negative for one that is behind. */
export function clockAhead(ms: number): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--require=${PRELOAD}`, TEST_CLOCK_AHEAD_MS: String(ms) };
}

/** The same session on a machine whose clock is wrong, for servers. */
export function withClockAhead(session: Session, ms: number): Session {
  const { workspace } = session;
  return { ...session, workspace: { ...workspace, env: { ...workspace.env, ...clockAhead(ms) } } };
}
