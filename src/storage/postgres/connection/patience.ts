/** Timeouts of a process towards a database. */
export interface Patience {
  /** Seconds until there is a connection, the wait for a free one of the pool included, over all hosts. */
  readonly connectSeconds: number;
  /** Whether a longer `connect_timeout` is cut down to that. */
  readonly isPromised?: boolean;
  /** Seconds until a new session has its settings. */
  readonly sessionSeconds: number;
  /** Seconds that a statement may take, lock waits included. */
  readonly busySeconds: number;
  /** Milliseconds until an answer; longer than the server's statement_timeout, so only a dead connection reaches it. */
  readonly answerMs: number;
}

/** Commands wait as long as they do for a store in a file. */
export const FOR_COMMANDS: Patience = {
  connectSeconds: 10,
  sessionSeconds: 10,
  busySeconds: 30,
  answerMs: 35_000,
};

/** Servers answer every request within 15 seconds, whatever the database does: the sum is less. */
export const FOR_REQUESTS: Patience = {
  connectSeconds: 4,
  isPromised: true,
  sessionSeconds: 2,
  busySeconds: 7,
  answerMs: 8_500,
};

/** The timeouts towards one of several hosts, with the `connect_timeout` that was given; null for none. */
export function patienceForHost(patience: Patience, hosts: number, given: number | null): Patience {
  const share = Math.max(1, Math.floor(patience.connectSeconds / hosts));
  if (given === null) return { ...patience, connectSeconds: share };
  return { ...patience, connectSeconds: patience.isPromised === true ? Math.min(given, share) : given };
}

/** Milliseconds: the answer limit of statements that read a whole store. */
export const PATIENT_ANSWER_MS = 3_600_000;
