import type { Store } from '../../../src/domain/ports/store-port.js';

/** The store with another method in place of one of its own. */
export function replacing(
  store: Store,
  method: keyof Store,
  by: (...call: unknown[]) => Promise<unknown>,
): Store {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === method) return by;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
