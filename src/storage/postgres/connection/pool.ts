import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg, { type PoolClient } from 'pg';
import type { SqlConnection } from '../../sql/connection.js';
import { wasAwaited, wasLost } from '../fault.js';
import { DatabaseClock } from './clock.js';
import { diagnosed } from './diagnosis.js';
import { whileAlive } from './heartbeat.js';
import { loginFault } from './login-fault.js';
import { FOR_COMMANDS, type Patience, patienceForHost } from './patience.js';
import { poolConfig } from './pool-config.js';
import { type Route, routeAfter, routeAfterRefusal, routeTo } from './route.js';
import { type PostgresSession, sessionOn } from './session.js';
import { beginSession, SEARCH_PATH, UNSET } from './session-beginning.js';
import type { PostgresAddress } from './url.js';

export { PATIENT_ANSWER_MS } from './patience.js';
export type { PostgresSession, PreparedValue } from './session.js';
export { SCHEMA, SEARCH_PATH } from './session-beginning.js';

/** Default upper bound of a process's connections. Write transactions are serialized, so they use one at a time. */
export const DEFAULT_CONNECTIONS = 10;

/** Milliseconds that the server may take to close its side of the connections. */
const CLOSE_MS = 1_000;

/** A session checked out of the pool until it is given back. */
export interface Lent {
  readonly session: PostgresSession;
  /** Explains a fault of the work with the session, asked after that work; see {@link diagnosed}. */
  explain(fault: unknown): Promise<unknown>;
  /** Has the session closed instead of reused, so that the next one begins with the server's present settings. */
  discard(): void;
  /** Returns the session to the pool, or closes it if it is broken or still in a transaction. */
  giveBack(): void;
}

/** The connection pool of one process for one database. */
export class PostgresPool {
  readonly location: string;
  /** Follows the database's clock, set from its latest answer. */
  readonly clock = new DatabaseClock();
  readonly #address: PostgresAddress;
  #route: Route;
  #pool: pg.Pool;
  readonly #connections: number;
  readonly #patience: Patience;
  /** The sockets of all connections. */
  readonly #sockets = new Set<Socket>();
  readonly #backends = new WeakMap<pg.ClientBase, number>();
  #isPooled = false;

  constructor(
    address: PostgresAddress,
    connections: number = DEFAULT_CONNECTIONS,
    patience: Patience = FOR_COMMANDS,
  ) {
    this.#address = address;
    this.#connections = connections;
    this.#patience = patienceForHost(patience, address.hosts.length, address.connectSeconds);
    this.location = address.location;
    this.#route = routeTo(address.hosts[0]);
    this.#pool = this.#makePool(this.#route);
  }

  #makePool(route: Route): pg.Pool {
    const pool = new pg.Pool(
      poolConfig(this.#address, {
        route,
        connections: this.#connections,
        patience: this.#patience,
        socket: () => this.#socket(),
        onConnect: async (client) => {
          const backend = await beginSession(client, this.#patience, this.#address);
          this.#backends.set(client, backend);
          // A pooler issues its own cancellation keys, so the process id in them is not the backend's.
          if ('processID' in client && client.processID !== backend) this.#isPooled = true;
        },
      }),
    );
    // An idle connection that breaks is replaced at the next checkout.
    pool.on('error', () => {});
    return pool;
  }

  /**
   * A connection for single statements, each on any free session. Queries are retried once if their connection was
   * lost.
   */
  readonly connection: SqlConnection = {
    all: (text, parameters) => this.ask((session) => session.all(text, parameters)),
    tuples: (text, parameters) => this.ask((session) => session.tuples(text, parameters)),
    run: (text, parameters) => this.use((session) => session.run(text, parameters)),
  };

  /**
   * Runs `work` with a session of the pool.
   *
   * @param answerMs limit of an answer in milliseconds; above the pool's own limit, a heartbeat watches the server
   */
  async use<T>(work: (session: PostgresSession) => Promise<T>, answerMs?: number): Promise<T> {
    const { session, giveBack, explain } = await this.lend(answerMs);
    try {
      return await work(session);
    } catch (fault) {
      throw await explain(fault);
    } finally {
      giveBack();
    }
  }

  /**
   * Checks a session out of the pool for work that is not one call. A broken one, or one still in a transaction, is
   * not reused.
   */
  async lend(answerMs?: number): Promise<Lent> {
    const client = await this.#checkOut();
    let isLost = false;
    client.on('error', ignore);
    // An error arrives before the server reports the transaction's status (ReadyForQuery); only the next answer is
    // certain.
    let hasFailed = false;
    const backend = this.#backends.get(client) ?? 0;
    const { answerMs: every } = this.#patience;
    const isPatient = answerMs !== undefined && answerMs > every;
    const watched = <T>(answer: Promise<T>): Promise<T> =>
      isPatient ? whileAlive(answer, () => this.#requireAnswer(), every) : answer;
    const session = sessionOn(
      client,
      { backend, location: this.location, patience: this.#patience, answerMs, watched },
      {
        onLost: () => {
          isLost = true;
        },
        onEnd: (isFailure) => {
          hasFailed = isFailure;
        },
      },
    );
    return {
      session,
      explain: async (fault) => {
        const diagnosis = await diagnosed(fault, session, { location: this.location, path: SEARCH_PATH });
        isLost ||= diagnosis !== fault;
        return diagnosis;
      },
      discard: () => {
        isLost = true;
      },
      giveBack: () => {
        client.off('error', ignore);
        client.release(isLost || hasFailed || client.getTransactionStatus() !== 'I');
      },
    };
  }

  /** Closes all connections, forcibly after a second. */
  async close(): Promise<void> {
    if (this.#pool.ending) return;
    if (this.#isPooled) await this.#leaveAsFound();
    const closed = new AbortController();
    const limit = sleep(CLOSE_MS, undefined, { signal: closed.signal }).catch(ignore);
    await Promise.race([this.#pool.end(), limit]).finally(() => closed.abort());
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Any answer proves that the server is alive, also an error such as too many connections. */
  async #requireAnswer(): Promise<void> {
    try {
      await this.connection.all('select 1', []);
    } catch (fault) {
      if (wasLost(fault)) throw fault;
    }
  }

  #socket(): Socket {
    const socket = new Socket();
    this.#sockets.add(socket);
    return socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Best effort: resets our settings on idle sessions, which a pooler may hand to other clients. */
  async #leaveAsFound(): Promise<void> {
    const idle = Array.from({ length: this.#pool.idleCount }, () => this.#pool.connect());
    for (const lent of await Promise.allSettled(idle)) {
      if (lent.status === 'rejected') continue;
      await lent.value.query(UNSET).catch(ignore);
      lent.value.release(true);
    }
  }

  /**
   * Runs a question, which is safe to retry: once where its connection was lost, but not where the server could not
   * be reached or timed out, since that has taken long enough.
   */
  async ask<T>(question: (session: PostgresSession, discard?: () => void) => Promise<T>): Promise<T> {
    const { session, discard, giveBack, explain } = await this.lend();
    try {
      return await question(session, discard);
    } catch (fault) {
      if (!wasLost(fault) || wasAwaited(fault)) throw await explain(fault);
    } finally {
      giveBack();
    }
    return this.use(question);
  }

  /**
   * @param tries how many more attempts there may be, over all routes
   * @param moves how many more hosts there may be: each is tried once
   */
  async #checkOut(
    tries = 2 * this.#address.hosts.length,
    moves = this.#address.hosts.length - 1,
  ): Promise<PoolClient> {
    const [pool, route] = [this.#pool, this.#route];
    try {
      return await pool.connect();
    } catch (fault) {
      // Another checkout has replaced the pool since; the old one serves no waiting checkout any more.
      if (pool !== this.#pool && tries > 0) return this.#checkOut(tries - 1, moves);
      const isOpen = !pool.ending;
      const next = isOpen ? routeAfter(fault, route, this.#address) : null;
      const left = next?.host === route.host ? moves : moves - 1;
      if (next !== null && tries > 0 && left >= 0) {
        this.#replace(pool, next);
        return this.#checkOut(tries - 1, left);
      }
      const later = isOpen ? routeAfterRefusal(fault, route) : null;
      if (later !== null) this.#replace(pool, later);
      const { location } = this;
      throw loginFault(fault, { location, usesTls: route.ssl !== false, patience: this.#patience });
    }
  }

  /** Replaces the pool by one on another route. Sessions checked out of the former pool return to it. */
  #replace(former: pg.Pool, route: Route): void {
    if (this.#pool !== former) return;
    this.#route = route;
    this.#pool = this.#makePool(route);
    former.end().catch(ignore);
  }
}

function ignore(): void {}
