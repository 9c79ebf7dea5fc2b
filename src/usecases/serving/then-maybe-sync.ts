/** `then` without a microtask for a value that is not a promise, which most are (cache hits). */
export function thenMaybeSync<Value, Result>(
  value: Value | Promise<Value>,
  next: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}
