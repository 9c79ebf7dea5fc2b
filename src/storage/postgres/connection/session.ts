import type { PoolClient, QueryArrayResult, QueryResult } from 'pg';
import type { SqlConnection, SqlValue } from '../../sql/connection.js';
import { isConnectionLost, postgresFault } from '../fault.js';
import { assertNoNul, queryParameters, toPositional } from '../parameters.js';
import { explainedRefusal } from '../roles/roles.js';
import type { Patience } from './patience.js';

/** A statement's result: its command tag and rows. */
export interface Executed {
  readonly command: string;
  readonly rows: readonly unknown[];
}

/** A parameter of a prepared statement, arrays included. */
export type PreparedValue = string | number | readonly (string | number | boolean | null)[];

/** One connection, checked out for several statements that belong together. */
export interface PostgresSession extends SqlConnection {
  /** The process id of its backend, as `pg_backend_pid()` said when the session began. */
  readonly backend: number;
  /** The login (`session_user`), set by the statement that begins a transaction; null before. */
  login: string | null;
  /**
   * Runs statements without parameters, separated by semicolons.
   *
   * @returns the result of the last one
   */
  execute(text: string): Promise<Executed>;
  /**
   * The same.
   *
   * @returns the result of each
   */
  executeAll(text: string): Promise<readonly Executed[]>;
  /** Runs a statement with `$1`, `$2`, … as a prepared statement of that name, prepared once per connection. */
  prepared<Row>(name: string, text: string, values: readonly PreparedValue[]): Promise<readonly Row[]>;
  /** The same, each row as a list of values. */
  preparedTuples<Row>(name: string, text: string, values: readonly PreparedValue[]): Promise<readonly Row[]>;
}

/** What a session belongs to. */
interface SessionPlace {
  readonly backend: number;
  readonly location: string;
  readonly patience: Patience;
  /** Limit of its answers in milliseconds, in place of the pool's. */
  readonly answerMs: number | undefined;
  /** Rejects when the server stops answering a heartbeat. */
  readonly watched: <T>(answer: Promise<T>) => Promise<T>;
}

/** Makes a session of a client. Statements are queued, since the driver wants one at a time. */
export function sessionOn(
  client: PoolClient,
  { backend, location, patience, answerMs, watched }: SessionPlace,
  { onLost, onEnd }: { onLost(): void; onEnd(isFailure: boolean): void },
): PostgresSession {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(text: string, statement: () => Promise<T>): Promise<T> => {
    const turn = last
      .then(() => watched(statement()))
      .then(
        (answer) => {
          onEnd(false);
          return answer;
        },
        (fault: unknown) => {
          onEnd(true);
          if (isConnectionLost(fault) || (fault instanceof Error && isConnectionLost(fault.cause))) onLost();
          throw explainedRefusal(fault, text) ?? postgresFault(fault, location, patience);
        },
      );
    last = turn.catch(ignore);
    return turn;
  };
  const timing = answerMs === undefined ? {} : { query_timeout: answerMs };
  const executeAll = (text: string): Promise<readonly Executed[]> =>
    inTurn(text, async () => {
      const results: QueryResult | QueryResult[] = await client.query({ text, ...timing });
      return Array.isArray(results) ? results : [results];
    });
  return {
    backend,
    login: null,
    all: <Row>(text: string, parameters: readonly SqlValue[]) =>
      inTurn(text, async () => {
        const query = { text: toPositional(text), values: [...queryParameters(parameters)], ...timing };
        const { rows }: QueryResult = await client.query(query);
        return rows as readonly Row[];
      }),
    tuples: <Row extends readonly SqlValue[]>(text: string, parameters: readonly SqlValue[]) =>
      inTurn(text, async () => {
        const query = { text: toPositional(text), values: [...queryParameters(parameters)], ...timing };
        const { rows }: QueryArrayResult = await client.query({ ...query, rowMode: 'array' });
        return rows as unknown as readonly Row[];
      }),
    run: (text, parameters) =>
      inTurn(text, async () => {
        await client.query({ text: toPositional(text), values: [...assertNoNul(parameters)], ...timing });
      }),
    execute: async (text) => (await executeAll(text)).at(-1) ?? { command: '', rows: [] },
    executeAll,
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
