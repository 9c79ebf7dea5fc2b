import { openSession, type Session } from '../program/run.js';

/** A uid that no entry of the user database has. */
const NAMELESS = 12_345;

/** What makes a command run under an account without a name, as a container does that is started with any uid. */
export const AS_NAMELESS: readonly string[] =
  process.geteuid?.() === 0
    ? ['setpriv', `--reuid=${NAMELESS}`, `--regid=${NAMELESS}`, '--clear-groups']
    : ['unshare', '--user', `--map-user=${NAMELESS}`];

/** No variable that a home directory could be told from. */
export const HOMELESS = { HOME: undefined, XDG_CONFIG_HOME: undefined, XDG_DATA_HOME: undefined } as const;

/** A session whose files belong to an account without a name. */
export async function openNamelessSession(): Promise<Session> {
  const session = await openSession();
  if (process.geteuid?.() === 0) await session.sh(`chown -R ${NAMELESS} '${session.workspace.root}'`);
  return session;
}
