import { CredctlError } from '../domain/errors.js';

/** The error for using a closed object. */
export function closedError(what: string): CredctlError {
  return new CredctlError('usage', `the ${what} was closed`, {
    hint: 'open another one, or close this one later',
  });
}

/**
 * Wraps an object whose methods throw `usage` after `close`. Closing is idempotent.
 *
 * @param what the object's kind, in one word
 */
export function untilClosed<Opened extends { close(): Promise<void> }>(opened: Opened, what: string): Opened {
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= opened.close();
    return closing;
  };
  return new Proxy(opened, {
    get(target, name) {
      if (name === 'close') return close;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]) => {
        if (closing !== null) throw closedError(what);
        return value.apply(target, args);
      };
    },
  });
}
