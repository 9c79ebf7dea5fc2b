import { POSTGRES_18 } from '../postgres/stores.js';
import { openTeamSession } from '../postgres/verifier-login.js';
import { openSession, type Session } from '../program/run.js';

/** A kind of store that servers run on. */
export interface ServedEngine {
  readonly label: string;
  /** The admin's session, and the one that the server runs in. */
  readonly open: () => Promise<{ readonly session: Session; readonly gateway: Session }>;
}

/**
 * Every kind: in a database a server has a login of its own.
 *
 * @param role that this login has besides `verifier`
 */
export function servedEngines(role: 'responder' | null): readonly ServedEngine[] {
  return [
    {
      label: 'SQLite',
      async open() {
        const session = await openSession();
        return { session, gateway: session };
      },
    },
    {
      label: POSTGRES_18.label,
      async open() {
        const session = await openTeamSession(POSTGRES_18);
        if (role !== null) await session.ok('store', 'grant', role, '--to', session.gatewayRole);
        return { session, gateway: session.gateway };
      },
    },
  ];
}

export const SERVED_ENGINES = servedEngines(null);
