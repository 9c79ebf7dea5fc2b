import type { PoolClient, QueryArrayResult, QueryResult } from 'pg';
import type { SqlConnection, SqlValue } from '../../sql/connection.js';
import { isConnectionLost, postgresFault } from '../fault.js';
import { assertNoNul, queryParameters, toPositional } from '../parameters.js';
import { explainedRefusal } from '../roles/roles.js';
import type { Patience } from './patience.js';

/** What a statement answered: the name of the command that ran, and its rows. */
export interface Executed {
  readonly command: string;
  readonly rows: readonly unknown[];
}

/** A parameter of a statement that is PostgreSQL's alone. */
export type PreparedValue = string | number | readonly (string | number | boolean | null)[];

/** A connection of its own, for several statements that belong together. */
export interface PostgresSession extends SqlConnection {
  /** The process that serves it, as `pg_backend_pid()` said when it began. */
  readonly backend: number;
  /** Told by whoever begins a transaction, in the question that begins it. */
  login: string | null;
  /** Runs statements without parameters, separated by semicolons; what the last one answered. */
  execute(text: string): Promise<Executed>;
  /** The same; what each of them answered. */
  executeAll(text: string): Promise<readonly Executed[]>;
  /** Runs a statement with `$1`, `$2`, … that each connection prepares once, under a name of its own. */
  prepared<Row>(name: string, text: string, values: readonly PreparedValue[]): Promise<readonly Row[]>;
  /** The same, each row as the list of its values. */
  preparedTuples<Row>(name: string, text: string, values: readonly PreparedValue[]): Promise<readonly Row[]>;
}

/** What a session is of. */
interface SessionPlace {
  readonly backend: number;
  readonly location: string;
  readonly patience: Patience;
  /** Another limit for its answers than that of the pool. */
  readonly answerMs: number | undefined;
  /** Gives up waiting for an answer once its server does not answer anything. */
  readonly watched: <T>(answer: Promise<T>) => Promise<T>;
}

/** The driver wants one statement at a time. */
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
