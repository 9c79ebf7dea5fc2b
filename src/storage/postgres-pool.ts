import pg, { type PoolClient, type QueryArrayResult, type QueryResult } from 'pg';
import type { SqlConnection, SqlValue } from './connection.js';
import { DatabaseClock } from './postgres-clock.js';
import { BUSY_SECONDS, isConnectionLost, isTimeout, loginFault, postgresFault } from './postgres-fault.js';
import { explainedRefusal } from './postgres-roles.js';
import { numbered, sought, storable, VALUE_PARSERS } from './postgres-sql.js';
import type { PostgresAddress } from './postgres-url.js';

/** The schema that a store lives in: its tables have names that an application's could have. */
export const SCHEMA = 'credctl';

/** Connections that one process has at most where nothing else is said; writes take one after the other. */
export const DEFAULT_CONNECTIONS = 10;

/** Longer than the server itself allows a statement, so that only a dead connection comes to it. */
const ANSWER_MS = (BUSY_SECONDS + 5) * 1_000;

/** Longer than that, for what looks at all of a store. */
export const PATIENT_ANSWER_MS = 3_600_000;

/**
 * What every session begins with. Names are looked up in our schema alone, nothing waits for ever, and what was
 * committed is on the disk, whatever a database or a role has set.
 */
const SESSION = `set search_path = ${SCHEMA}, pg_temp;
  set statement_timeout = '${BUSY_SECONDS}s'; set lock_timeout = '${BUSY_SECONDS}s';
  set idle_in_transaction_session_timeout = '30s'; set standard_conforming_strings = on;
  set client_min_messages = error; set jit = off;
  select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;

/** What a statement answered: the name of the command that ran, and its rows. */
export interface Executed {
  readonly command: string;
  readonly rows: readonly unknown[];
}

/** A parameter of a statement that is PostgreSQL's alone. */
export type PreparedValue = string | number | readonly (string | number | boolean | null)[];

/** A connection of its own, for several statements that belong together. */
export interface PostgresSession extends SqlConnection {
  /** Runs statements without parameters, separated by semicolons; what the last one answered. */
  execute(text: string): Promise<Executed>;
  /** Runs a statement with `$1`, `$2`, … that each connection prepares once, under a name of its own. */
  prepared<Row>(name: string, text: string, values: readonly PreparedValue[]): Promise<readonly Row[]>;
  /** The same, each row as the list of its values. */
  preparedTuples<Row>(name: string, text: string, values: readonly PreparedValue[]): Promise<readonly Row[]>;
}

/** The connections of one process to one database. */
export class PostgresPool {
  readonly location: string;
  /** As the database has told it last. */
  readonly clock = new DatabaseClock();
  readonly #pool: pg.Pool;

  constructor(address: PostgresAddress, connections: number = DEFAULT_CONNECTIONS) {
    this.location = address.location;
    this.#pool = new pg.Pool({
      host: address.host,
      port: address.port,
      user: address.user,
      database: address.database,
      password: async () => (await address.password()) ?? '',
      ssl: address.ssl,
      options: address.options,
      application_name: address.applicationName,
      enableChannelBinding: address.bindsChannel,
      connectionTimeoutMillis: BUSY_SECONDS * 1_000,
      query_timeout: ANSWER_MS,
      keepAlive: true,
      max: connections,
      allowExitOnIdle: true,
      types: VALUE_PARSERS,
      onConnect: async (client) => {
        await client.query(SESSION);
      },
    });
    // A connection that breaks while nobody uses it is replaced by the next one who needs it.
    this.#pool.on('error', () => {});
  }

  /** A connection for questions that need not belong together; each takes whichever is free. */
  readonly connection: SqlConnection = {
    all: (text, parameters) => this.#ask((session) => session.all(text, parameters)),
    tuples: (text, parameters) => this.#ask((session) => session.tuples(text, parameters)),
    run: (text, parameters) => this.use((session) => session.run(text, parameters)),
  };

  /**
   * Lends a connection to `work`.
   *
   * @param answerMs how long an answer may take
   */
  async use<T>(work: (session: PostgresSession) => Promise<T>, answerMs?: number): Promise<T> {
    const { session, giveBack } = await this.lend(answerMs);
    try {
      return await work(session);
    } finally {
      giveBack();
    }
  }

  /** The same for work that is not one call. A connection that broke, or is still in a transaction, is not lent again. */
  async lend(answerMs?: number): Promise<{ readonly session: PostgresSession; giveBack(): void }> {
    const client = await this.#checkOut();
    let isLost = false;
    client.on('error', ignore);
    // An error arrives before the driver knows whether it has spoiled a transaction; the next answer tells.
    let hasFailed = false;
    const session = sessionOn(client, this.location, answerMs, {
      onLost: () => {
        isLost = true;
      },
      onEnd: (isFailure) => {
        hasFailed = isFailure;
      },
    });
    return {
      session,
      giveBack: () => {
        client.off('error', ignore);
        client.release(isLost || hasFailed || client.getTransactionStatus() !== 'I');
      },
    };
  }

  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }

  /**
   * A question can be asked again: one that met a connection which had died meanwhile is. A server that could not be
   * reached at all, or does not answer, has been waited for long enough.
   */
  async #ask<T>(question: (session: PostgresSession) => Promise<T>): Promise<T> {
    const { session, giveBack } = await this.lend();
    try {
      return await question(session);
    } catch (fault) {
      if (!wasLost(fault) || wasAwaited(fault)) throw fault;
    } finally {
      giveBack();
    }
    return this.use(question);
  }

  async #checkOut(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (fault) {
      throw loginFault(fault, this.location);
    }
  }
}

/** Whether an error that a session threw means that its connection is gone. */
export function wasLost(fault: unknown): boolean {
  return fault instanceof Error && isConnectionLost(fault.cause);
}

function wasAwaited(fault: unknown): boolean {
  return fault instanceof Error && isTimeout(fault.cause);
}

/** The driver wants one statement at a time. */
function sessionOn(
  client: PoolClient,
  location: string,
  answerMs: number | undefined,
  { onLost, onEnd }: { onLost(): void; onEnd(isFailure: boolean): void },
): PostgresSession {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(text: string, statement: () => Promise<T>): Promise<T> => {
    const turn = last.then(statement).then(
      (answer) => {
        onEnd(false);
        return answer;
      },
      (fault: unknown) => {
        onEnd(true);
        if (isConnectionLost(fault)) onLost();
        throw explainedRefusal(fault, text) ?? postgresFault(fault, location);
      },
    );
    last = turn.catch(ignore);
    return turn;
  };
  const timing = answerMs === undefined ? {} : { query_timeout: answerMs };
  return {
    all: <Row>(text: string, parameters: readonly SqlValue[]) =>
      inTurn(text, async () => {
        const query = { text: numbered(text), values: [...sought(parameters)], ...timing };
        const { rows }: QueryResult = await client.query(query);
        return rows as readonly Row[];
      }),
    tuples: <Row extends readonly SqlValue[]>(text: string, parameters: readonly SqlValue[]) =>
      inTurn(text, async () => {
        const query = { text: numbered(text), values: [...sought(parameters)], ...timing };
        const { rows }: QueryArrayResult = await client.query({ ...query, rowMode: 'array' });
        return rows as unknown as readonly Row[];
      }),
    run: (text, parameters) =>
      inTurn(text, async () => {
        await client.query({ text: numbered(text), values: [...storable(parameters)], ...timing });
      }),
    execute: (text) =>
      inTurn(text, async () => {
        const results: QueryResult | QueryResult[] = await client.query({ text, ...timing });
        return (Array.isArray(results) ? results.at(-1) : results) ?? { command: '', rows: [] };
      }),
    prepared: <Row>(name: string, statement: string, values: readonly PreparedValue[]) =>
      inTurn(statement, async () => {
        const query = { name: `credctl_${name}`, text: statement, values: [...values], ...timing };
        const { rows }: QueryResult = await client.query(query);
        return rows as readonly Row[];
      }),
    preparedTuples: <Row>(name: string, statement: string, values: readonly PreparedValue[]) =>
      inTurn(statement, async () => {
        const query = { name: `credctl_${name}`, text: statement, values: [...values], ...timing };
        const { rows }: QueryArrayResult = await client.query({ ...query, rowMode: 'array' });
        return rows as unknown as readonly Row[];
      }),
  };
}

function ignore(): void {}
