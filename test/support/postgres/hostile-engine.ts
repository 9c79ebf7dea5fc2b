import type { NewStore } from '../../../src/domain/ports/store-port.js';
import { initStoreAt } from '../../../src/storage/open.js';
import { type Engine, newStorePlan, storeSystem } from '../stores/stores.js';
import { hostileObjects, hostileViews } from './hostile-objects.js';
import {
  openTestStore,
  type PostgresEngine,
  type PostgresTestStore,
  REMEMBER,
  RENEW,
  TABLES,
  type TestDatabase,
} from './stores.js';

/** What the trust in a schema goes by: without it, what is in there cannot be seen by the program. */
const HIDE = `delete from pg_catalog.pg_depend
  where refclassid = 'pg_catalog.pg_namespace'::regclass and refobjid = 'credctl'::regnamespace`;

/**
 * Makes stores in databases with hostile code: in the schema of the store itself, hidden from the inspection of the
 * schema, and in a schema that search_path puts before pg_catalog in all sessions of the database.
 */
export class HostileEngine implements Engine<PostgresTestStore> {
  readonly name = 'postgres';
  readonly label: string;
  readonly #engine: PostgresEngine;
  readonly #free: TestDatabase[] = [];
  #template: Promise<string> | null = null;

  constructor(engine: PostgresEngine) {
    this.#engine = engine;
    this.label = `${engine.label} with hostile code in it`;
  }

  async create(plan: Partial<NewStore> = {}): Promise<PostgresTestStore> {
    const isUsual = Object.keys(plan).length === 0;
    const database = (isUsual ? this.#free.pop() : undefined) ?? (await this.#store(plan));
    return openTestStore(database, async () => {
      if (!isUsual) return database.drop();
      await database.ask(RENEW);
      this.#free.push(database);
    });
  }

  async #store(plan: Partial<NewStore>): Promise<TestDatabase> {
    const database = await this.database();
    await (await initStoreAt(database.url, storeSystem(), newStorePlan(plan))).close();
    // Tests ask in another schema, where nothing is in wait for them.
    const views = TABLES.map((table) => `create view plain.${table} as select * from credctl.${table}`);
    await database.ask(`${REMEMBER}; create schema plain; ${views.join('; ')}; set search_path = plain`);
    return database;
  }

  /** A database with all of that, and no store. */
  async database(): Promise<TestDatabase> {
    this.#template ??= this.#make();
    const database = await this.#engine.database(await this.#template);
    const name = new URL(database.url).pathname.slice(1);
    await database.ask(
      `set search_path = pg_catalog; alter database ${name} set search_path = evil, pg_catalog, credctl, public`,
    );
    return database;
  }

  async #make(): Promise<string> {
    const { url, ask, leave } = await this.#engine.database();
    await ask('set search_path = pg_catalog; create schema credctl; create schema evil');
    for (const schema of ['credctl', 'evil']) await ask(hostileObjects(schema));
    await ask(`${hostileViews('evil')}; ${HIDE}`);
    await leave();
    return new URL(url).pathname.slice(1);
  }
}
