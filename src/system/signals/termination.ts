/** Termination requests by signal. */
export interface Termination {
  /** Resolves with the first SIGINT or SIGTERM; a SIGHUP arrives as SIGTERM (bin/credctl.js). */
  readonly asked: Promise<void>;
  /** Resolves with the second one: skip the graceful shutdown. */
  readonly insisted: Promise<void>;
}

/** Installs handlers for SIGINT and SIGTERM, replacing their default action. */
export function awaitTermination(): Termination {
  let ask = (): void => {};
  let insist = (): void => {};
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const insisted = new Promise<void>((resolve) => {
    insist = resolve;
  });
  let count = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      count += 1;
      if (count === 1) ask();
      else insist();
    });
  }
  return { asked, insisted };
}
