import type { Leak, LeakQuery } from '../../../domain/leak/leak.js';
import type { LeakReader } from '../../../domain/ports/leak-port.js';
import type { Page } from '../../../domain/ports/page.js';
import type { SqlConnection } from '../connection.js';
import { countOpenLeaks, findLeak, listLeaks } from './leaks.js';

/** The queries on leaks that both engines share. */
export class SqlLeakReader implements LeakReader {
  readonly #connection: SqlConnection;

  constructor(connection: SqlConnection) {
    this.#connection = connection;
  }

  listLeaks(query: LeakQuery): Promise<Page<Leak>> {
    return listLeaks(this.#connection, query);
  }

  findLeak(id: number): Promise<Leak | null> {
    return findLeak(this.#connection, id);
  }

  countOpenLeaks(): Promise<number> {
    return countOpenLeaks(this.#connection);
  }
}
