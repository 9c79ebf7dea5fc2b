import { EARLIER_SCHEMA } from '../../schema/earlier.js';
import { OlderSchema } from '../../schema/older-schema.js';
import type { PostgresSession } from '../connection/session.js';
import { UseTransaction } from '../store-transaction.js';

/** A transaction that records uses on the earlier schema, which has no place for leaks. */
export class EarlierUseTransaction extends UseTransaction {
  readonly #location: string;

  /** @param location of the database, as messages name it */
  constructor(session: PostgresSession, location: string) {
    super(session);
    this.#location = location;
  }

  /** @throws OlderSchema */
  override async recordLeaks(): Promise<void> {
    throw new OlderSchema(this.#location, EARLIER_SCHEMA);
  }
}
