import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg, { type PoolClient } from 'pg';
import type { SqlConnection } from '../../sql/connection.js';
import { isRefusedLogin, lacksTls, wasAwaited, wasLost } from '../fault.js';
import { VALUE_PARSERS } from '../parameters.js';
import { DatabaseClock } from './clock.js';
import { diagnosed } from './diagnosis.js';
import { guardedClient } from './guarded-client.js';
import { whileAlive } from './heartbeat.js';
import { loginFault } from './login-fault.js';
import { FOR_COMMANDS, type Patience } from './patience.js';
import { type PostgresSession, sessionOn } from './session.js';
import { beginSession, SEARCH_PATH, UNSET } from './session-beginning.js';
import type { Tls } from './tls-options.js';
import type { PostgresAddress } from './url.js';

export { PATIENT_ANSWER_MS } from './patience.js';
export type { PostgresSession, PreparedValue } from './session.js';
export { SCHEMA, SEARCH_PATH } from './session-beginning.js';

/** Connections that one process has at most where nothing else is said; writes take one after the other. */
export const DEFAULT_CONNECTIONS = 10;

/** How long a server may take to end its side of the connections. */
const CLOSE_MS = 1_000;

/** A session that is lent until it is given back. */
export interface Lent {
  readonly session: PostgresSession;
  /** What a fault of the work with it is about, asked once that has ended; see {@link diagnosed}. */
  explain(fault: unknown): Promise<unknown>;
  /** Lets it be closed instead of being lent again: the next begins with the present settings of the server. */
  discard(): void;
  giveBack(): void;
}

/** The connections of one process to one database. */
export class PostgresPool {
  readonly location: string;
  /** As the database has told it last. */
  readonly clock = new DatabaseClock();
  readonly #address: PostgresAddress;
  #pool: pg.Pool;
  #usesTls: boolean;
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
    this.#patience = patience;
    this.location = address.location;
    this.#usesTls = address.tls.ssl !== false;
    this.#pool = this.#makePool(address.tls.ssl);
  }

  #makePool(ssl: Tls['ssl']): pg.Pool {
    const { location, host, port, user, database, tls, required, ...address } = this.#address;
    const patience = this.#patience;
    const pool = new pg.Pool({
      host,
      port,
      user,
      database,
      password: async () => (await address.password()) ?? '',
      ssl,
      options: address.options,
      application_name: address.applicationName,
      enableChannelBinding: address.bindsChannel,
      connectionTimeoutMillis: patience.connectSeconds * 1_000,
      query_timeout: patience.answerMs,
      stream: () => this.#socket(),
      keepAlive: true,
      max: this.#connections,
      allowExitOnIdle: true,
      types: VALUE_PARSERS,
      Client: guardedClient({ location, host, isDeclined: tls.isDeclined, required }),
      onConnect: async (client) => {
        const backend = await beginSession(client, patience, location);
        this.#backends.set(client, backend);
        // A pooler gives its clients keys of its own to cancel statements with.
        if ('processID' in client && client.processID !== backend) this.#isPooled = true;
      },
    });
    // A connection that breaks while nobody uses it is replaced by the next one who needs it.
    pool.on('error', () => {});
    return pool;
  }

  /** A connection for questions that need not belong together; each takes whichever is free. */
  readonly connection: SqlConnection = {
    all: (text, parameters) => this.ask((session) => session.all(text, parameters)),
    tuples: (text, parameters) => this.ask((session) => session.tuples(text, parameters)),
    run: (text, parameters) => this.use((session) => session.run(text, parameters)),
  };

  /**
   * Lends a connection to `work`.
   *
   * @param answerMs how long an answer may take
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

  /** The same for work that is not one call. A connection that broke, or is still in a transaction, is not lent again. */
  async lend(answerMs?: number): Promise<Lent> {
    const client = await this.#checkOut();
    let isLost = false;
    client.on('error', ignore);
    // An error arrives before the driver knows whether it has spoiled a transaction; the next answer tells.
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

  async close(): Promise<void> {
    if (this.#pool.ending) return;
    if (this.#isPooled) await this.#leaveAsFound();
    const closed = new AbortController();
    const limit = sleep(CLOSE_MS, undefined, { signal: closed.signal }).catch(ignore);
    await Promise.race([this.#pool.end(), limit]).finally(() => closed.abort());
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Any answer will do, also that there are too many connections. */
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

  /** As far as that can be helped: where sessions change under us, others have settings of ours all the same. */
  async #leaveAsFound(): Promise<void> {
    const idle = Array.from({ length: this.#pool.idleCount }, () => this.#pool.connect());
    for (const lent of await Promise.allSettled(idle)) {
      if (lent.status === 'rejected') continue;
      await lent.value.query(UNSET).catch(ignore);
      lent.value.release(true);
    }
  }

  /**
   * A question can be asked again: one that met a connection which had died meanwhile is. A server that could not be
   * reached at all, or does not answer, has been waited for long enough.
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

  async #checkOut(): Promise<PoolClient> {
    const { location } = this;
    const pool = this.#pool;
    try {
      return await pool.connect();
    } catch (fault) {
      const isPreferred = this.#address.tls.isPreference && (!pool.ending || pool !== this.#pool);
      if (isPreferred && lacksTls(fault)) {
        this.#replace(pool, false);
        return this.#checkOut();
      }
      const error = loginFault(fault, { location, usesTls: this.#usesTls, patience: this.#patience });
      // A server that had no TLS may have it by now, and let nobody in without.
      if (isPreferred && isRefusedLogin(fault)) this.#replace(pool, this.#address.tls.ssl);
      throw error;
    }
  }

  /** What was lent by the former pool goes back there. */
  #replace(former: pg.Pool, ssl: Tls['ssl']): void {
    if (this.#pool !== former || this.#usesTls === (ssl !== false)) return;
    this.#usesTls = ssl !== false;
    this.#pool = this.#makePool(ssl);
    former.end().catch(ignore);
  }
}

function ignore(): void {}
