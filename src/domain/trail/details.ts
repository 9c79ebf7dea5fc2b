import type { JsonValue } from '../text/canonical-json.js';

type Details = { readonly [key: string]: JsonValue };

/** A member of an event's details that is an object of its own; null where it is none. */
export function objectIn(details: Details, key: string): Details | null {
  const value = details[key];
  return isObject(value) ? value : null;
}

/** What an edit has made of a property: undefined where it did not touch it. */
export function editedTo(details: Details, key: string): JsonValue | undefined {
  return objectIn(details, key)?.['to'];
}

export function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function textOrNull(value: JsonValue | undefined): string | null | undefined {
  return value === null ? null : textOf(value);
}

export function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

export function numberOrNull(value: JsonValue | undefined): number | null | undefined {
  return value === null ? null : numberOf(value);
}

export function textsOf(value: JsonValue | undefined): readonly string[] | undefined {
  if (!isList(value)) return undefined;
  return value.every((entry) => typeof entry === 'string') ? value : undefined;
}

export function numbersOf(value: JsonValue | undefined): readonly number[] {
  return isList(value) ? value.filter((entry) => typeof entry === 'number') : [];
}

export function isObject(value: JsonValue | undefined): value is Details {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
