import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import type { PostgresEngine, TestDatabase } from './stores.js';

/** A role of a server that may log in. */
export interface Login {
  readonly name: string;
  /** The URL of the database for it, with its password. */
  readonly url: string;
  /** Runs statements as it, in a session of its own that stays open. */
  ask<Row>(sql: string): Promise<readonly Row[]>;
}

/** A database that two strangers share. */
export interface SharedDatabase extends TestDatabase {
  readonly name: string;
  /** The login that will own the store; may create schemas. */
  readonly own: Login;
  /** An application beside it; may create schemas. */
  readonly app: Login;
}

/** Makes an empty database with two logins, of which each may create schemas and nothing else. */
export async function sharedDatabase(engine: PostgresEngine): Promise<SharedDatabase> {
  const database = await engine.database();
  const clients: pg.Client[] = [];
  const roles: string[] = [];
  onTestFinished(async () => {
    for (const client of clients) await client.end();
    await database.drop();
    const server = new pg.Client({ connectionString: await engine.server() });
    await server.connect();
    for (const role of roles) await server.query(`drop role ${role}`);
    await server.end();
  });
  const name = new URL(database.url).pathname.slice(1);
  const login = async (kind: string): Promise<Login> => {
    const role = `${kind}_${randomBytes(6).toString('hex')}`;
    roles.push(role);
    await database.ask(
      `create role ${role} login password '${role}'; grant create, temporary on database ${name} to ${role}`,
    );
    const url = Object.assign(new URL(database.url), { username: role, password: role }).href;
    let client: Promise<pg.Client> | null = null;
    const connected = async () => {
      const made = new pg.Client({ connectionString: url });
      made.on('error', () => {});
      await made.connect();
      clients.push(made);
      return made;
    };
    return {
      name: role,
      url,
      async ask<Row>(sql: string) {
        client ??= connected();
        return (await (await client).query(sql)).rows as Row[];
      },
    };
  };
  return { ...database, name, own: await login('own'), app: await login('app') };
}
