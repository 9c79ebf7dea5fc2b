import { EARLIER, EARLIER_SCHEMA } from '../../schema/earlier.js';
import { SCHEMA_NUMBER } from '../../schema/number.js';
import { OlderSchema } from '../../schema/older-schema.js';
import { firstRow, type SqlConnection } from '../../sql/connection.js';

/** The schema of an open database: this program's, or the one before it until the store is migrated. */
export class SchemaInUse {
  readonly #location: string;
  #isEarlier: boolean;

  /**
   * @param location of the database, as messages name it
   * @throws OlderSchema for a schema before the earlier one
   */
  constructor(location: string, schema: number) {
    if (schema < EARLIER_SCHEMA) throw new OlderSchema(location, schema);
    this.#location = location;
    this.#isEarlier = schema < SCHEMA_NUMBER;
  }

  /** Whether the database had the earlier schema when it was last asked. */
  get isEarlier(): boolean {
    return this.#isEarlier;
  }

  get number(): number {
    return this.#isEarlier ? EARLIER_SCHEMA : SCHEMA_NUMBER;
  }

  /** Whether it has that table, or that function. */
  has(name: string): boolean {
    return !this.#isEarlier || !(name in EARLIER.lacks || EARLIER.lacksFunctions.includes(name));
  }

  /** Asks the database, if it had the earlier schema; returns whether it still has. */
  async ask(connection: Pick<SqlConnection, 'all'>): Promise<boolean> {
    if (!this.#isEarlier) return false;
    const row = await firstRow<{ value: number }>(connection, 'select value from schema_number');
    if (row !== null && row.value >= SCHEMA_NUMBER) this.#isEarlier = false;
    return this.#isEarlier;
  }

  /**
   * Refuses what needs this program's schema.
   *
   * @throws OlderSchema while the database has the earlier one
   */
  async requirePresent(connection: Pick<SqlConnection, 'all'>): Promise<void> {
    if (await this.ask(connection)) throw new OlderSchema(this.#location, EARLIER_SCHEMA);
  }
}
