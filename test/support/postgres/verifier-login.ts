import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { Session } from '../program/run.js';
import { openPostgresSession, type PostgresSession } from './session.js';
import type { PostgresEngine } from './stores.js';

/** A store in a database, and a login of it that may verify secrets and nothing else. */
export interface TeamSession extends PostgresSession {
  /** The same session, as that login. */
  readonly gateway: Session;
  /** The URL of that login, without its password. */
  readonly gatewayUrl: string;
  readonly gatewayRole: string;
}

/** Makes a store, and lets a new login verify secrets with `credctl store grant`. */
export async function openTeamSession(engine?: PostgresEngine): Promise<TeamSession> {
  const session = await openPostgresSession(engine);
  await session.ok('store', 'init');
  const role = `gateway_${randomBytes(6).toString('hex')}`;
  await session.database.ask(`create role ${role} login password '${role}'`);
  onTestFinished(async () => {
    await session.database.ask(`drop owned by ${role}; drop role ${role}`);
  });
  await session.ok('store', 'grant', 'verifier', '--to', role);
  const url = new URL(session.publicUrl);
  url.username = role;
  const gateway = loggedInAs(session, url.href, role);
  return { ...session, gateway, gatewayUrl: url.href, gatewayRole: role };
}

/** The same session with another login. */
export function loggedInAs(session: Session, url: string, password: string): Session {
  const { workspace } = session;
  const env = { ...workspace.env, CREDCTL_STORE: url, PGPASSWORD: password };
  return { ...session, workspace: { ...workspace, env } };
}
