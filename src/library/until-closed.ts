import { CredctlError } from '../domain/errors.js';

/** The error of whoever uses something that was closed. */
export function closedError(what: string): CredctlError {
  return new CredctlError('usage', `the ${what} was closed`, { hint: 'open another one, or close it later' });
}

/**
 * What works as it did until it is closed; from then on its methods throw `usage`. Closing it again does nothing.
 *
 * @param what it is, in a word
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
