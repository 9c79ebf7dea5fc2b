import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import type { TeamSession } from './verifier-login.js';

/** A stolen login of the database: arbitrary SQL past the program. */
export interface StolenLogin {
  /** Runs statements, in a transaction for as long as one is open. */
  sql<Row>(text: string, ...values: readonly unknown[]): Promise<readonly Row[]>;
  /** SQLSTATE of what a statement is refused with; null when it is not. */
  refusal(text: string, ...values: readonly unknown[]): Promise<string | null>;
}

/** The login that a server has. */
export function stolenVerifier(session: TeamSession): Promise<StolenLogin> {
  return loggedIn(Object.assign(new URL(session.gatewayUrl), { password: session.gatewayRole }).href);
}

/** A login of another role of the store. */
export async function stolenLogin(session: TeamSession, role: string): Promise<StolenLogin> {
  const login = `${role}_${randomBytes(6).toString('hex')}`;
  await session.database.ask(`create role ${login} login password '${login}'`);
  onTestFinished(async () => {
    await session.database.ask(`drop owned by ${login}; drop role ${login}`);
  });
  await session.ok('store', 'grant', role, '--to', login);
  return loggedIn(Object.assign(new URL(session.gatewayUrl), { username: login, password: login }).href);
}

async function loggedIn(url: string): Promise<StolenLogin> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  const sql = async <Row>(text: string, ...values: readonly unknown[]) =>
    (await client.query(values.length === 0 ? text : { text, values: [...values] })).rows as readonly Row[];
  return {
    sql,
    async refusal(text, ...values) {
      try {
        await sql(text, ...values);
        return null;
      } catch (fault) {
        return fault instanceof pg.DatabaseError ? (fault.code ?? '') : String(fault);
      }
    },
  };
}
