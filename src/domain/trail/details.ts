import type { JsonValue } from '../text/canonical-json.js';

type Details = { readonly [key: string]: JsonValue };

/** A member of an event's details that is an object; null for any other value. */
export function objectIn(details: Details, key: string): Details | null {
  const value = details[key];
  return isObject(value) ? value : null;
}

/** The new value of a property in an edit; undefined where the edit did not change it. */
export function editedTo(details: Details, key: string): JsonValue | undefined {
  return objectIn(details, key)?.['to'];
}

/** A string; undefined for any other value. */
export function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A string or null; undefined for any other value. */
export function textOrNull(value: JsonValue | undefined): string | null | undefined {
  return value === null ? null : textOf(value);
}

/** A number; undefined for any other value. */
export function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** A number or null; undefined for any other value. */
export function numberOrNull(value: JsonValue | undefined): number | null | undefined {
  return value === null ? null : numberOf(value);
}

/** A list of strings; undefined for any other value. */
export function textsOf(value: JsonValue | undefined): readonly string[] | undefined {
  if (!isList(value)) return undefined;
  return value.every((entry) => typeof entry === 'string') ? value : undefined;
}

/** The numbers of a list; empty for any other value. */
export function numbersOf(value: JsonValue | undefined): readonly number[] {
  return isList(value) ? value.filter((entry) => typeof entry === 'number') : [];
}

/** Whether the value is an object, neither null nor a list. */
export function isObject(value: JsonValue | undefined): value is Details {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
