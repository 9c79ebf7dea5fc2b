/** `then` without a microtask for a value that is not a promise: most answers come from a cache. */
export function thenMaybeSync<Value, Result>(
  value: Value | Promise<Value>,
  next: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}
