import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import type { NewStore, Store } from '../../../src/domain/ports/store-port.js';
import { initStoreAt, openStoreAt } from '../../../src/storage/open.js';
import { toPositional, VALUE_PARSERS } from '../../../src/storage/postgres/parameters.js';
import { isWholeRun } from '../faults/fault-numbers.js';
import type { Engine, SqlValue, TestStore } from '../stores/stores.js';
import { newStorePlan, storeSystem } from '../stores/stores.js';
import type { Major } from './server.js';

/** A store in a PostgreSQL database, with the URL of the superuser. */
export interface PostgresTestStore extends TestStore {
  readonly url: string;
}

/** An empty database of its own. */
export interface TestDatabase {
  /** URL for the superuser, with the password. */
  readonly url: string;
  /** Runs statements as the superuser, in the schema of the store. */
  ask<Row>(sql: string, ...parameters: SqlValue[]): Promise<readonly Row[]>;
  /** Ends the session that asks: a database that is made from this one takes none. */
  leave(): Promise<void>;
  drop(): Promise<void>;
}

/** Makes stores in databases of their own. The usual one is made once, then copied, and used again once it is as new. */
export class PostgresEngine implements Engine<PostgresTestStore> {
  readonly name = 'postgres';
  readonly label: string;
  readonly #major: Major;
  readonly #free: TestDatabase[] = [];
  #template: Promise<string> | null = null;

  constructor(major: Major) {
    this.#major = major;
    this.label = `PostgreSQL ${major}`;
  }

  async create(plan?: Partial<NewStore>): Promise<PostgresTestStore> {
    if (plan === undefined || Object.keys(plan).length === 0) return this.#createUsual();
    const database = await this.database();
    await (await initStoreAt(database.url, storeSystem(), newStorePlan(plan))).close();
    return openTestStore(database, database.drop);
  }

  async #createUsual(): Promise<PostgresTestStore> {
    const database = this.#free.pop() ?? (await this.database(await this.#usual()));
    return openTestStore(database, async () => {
      await database.ask(RENEW);
      this.#free.push(database);
    });
  }

  /** A database without a store, or with a copy of that in another database. */
  async database(template?: string): Promise<TestDatabase> {
    const server = await this.server();
    const name = `t_${randomBytes(8).toString('hex')}`;
    await asSuperuser(
      server,
      `create database ${name} ${template === undefined ? '' : `template ${template}`}`,
    );
    const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
    let client: Promise<pg.Client> | null = null;
    const leave = async () => {
      await (await client)?.end();
      client = null;
    };
    return {
      url,
      async ask<Row>(sql: string, ...parameters: SqlValue[]) {
        client ??= connected(url);
        const values = parameters.length === 0 ? {} : { values: parameters };
        const { rows } = await (await client).query({ text: toPositional(sql), ...values });
        return rows as Row[];
      },
      leave,
      async drop() {
        await leave();
        await asSuperuser(server, `drop database ${name} with (force)`);
      },
    };
  }

  /** The URL of the server's own database for the superuser. */
  async server(): Promise<string> {
    const response = await fetch(`${inject('postgresBroker')}/${this.#major}`);
    const answer = await response.text();
    if (!response.ok) throw new Error(answer);
    return answer;
  }

  #usual(): Promise<string> {
    this.#template ??= (async () => {
      const { url } = await this.database();
      await (await initStoreAt(url, storeSystem(), newStorePlan())).close();
      // A database that is made from it is no copy for the program, but a store that has yet to remember its place.
      await asSuperuser(url, `update credctl.store set place = null; ${REMEMBER}`);
      return new URL(url).pathname.slice(1);
    })();
    return this.#template;
  }
}

/** Tables of a store, none of which a test changes in its form. */
export const TABLES = [
  ...[
    'store',
    'generation',
    'audit_head',
    'audit_event',
    'catalog',
    'owner',
    'credential',
    'credential_scope',
  ],
  ...[
    'credential_label',
    'last_use',
    'version',
    'version_hash',
    'access_token',
    'tombstone',
    'deleted_version',
    'leftover',
    'api_lifetime',
    'leak',
  ],
];

/** Keeps what a new store holds, and brings it back. */
export const REMEMBER = [
  'create schema as_new',
  ...TABLES.map((table) => `create table as_new.${table} as table credctl.${table}`),
].join(';');
export const RENEW = [
  ...TABLES.map((table) => `delete from ${table}; insert into ${table} select * from as_new.${table}`),
  'alter sequence credctl.leak_id_seq restart',
].join(';');

/** @param clear what is done with the database at the end */
export async function openTestStore(
  database: TestDatabase,
  clear: () => Promise<void>,
): Promise<PostgresTestStore> {
  const connections: Store[] = [];
  const connect = async () => {
    const connection = await openStoreAt(database.url, storeSystem(), {
      whenMissing: 'refuse',
      newStore: async () => newStorePlan(),
      onCreated: () => {},
    });
    connections.push(connection);
    return connection;
  };
  return {
    store: await connect(),
    url: database.url,
    connect,
    ask: database.ask,
    async tamper(sql, ...parameters) {
      await database.ask(sql, ...parameters);
    },
    async dispose() {
      for (const connection of connections) await connection.close();
      await clear();
    },
  };
}

/** Sees the store's tables, and changes them past the rules that bind them to each other. */
async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, types: VALUE_PARSERS });
  client.on('error', () => {});
  await client.connect();
  await client.query('set search_path = credctl; set session_replication_role = replica');
  return client;
}

async function asSuperuser(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** The oldest and the newest version that is supported. */
export const POSTGRES_14 = new PostgresEngine(14);
export const POSTGRES_18 = new PostgresEngine(18);

/** What is the same on every version is tried on both where faults are tried in full, and otherwise on the newest. */
export const POSTGRES_ENGINES: readonly PostgresEngine[] = isWholeRun()
  ? [POSTGRES_14, POSTGRES_18]
  : [POSTGRES_18];

declare module 'vitest' {
  interface ProvidedContext {
    postgresBroker: string;
  }
}
