import { formatDuration, formatInstant } from '../../domain/duration.js';
import type { JsonValue } from '../../domain/text/canonical-json.js';

/** Details that other details or columns say already, or that are for programs. */
const NOT_SHOWN: ReadonlySet<string> = new Set(['facts', 'handle', 'catalog_sha256']);

/** Names of details that are points in time, in epoch milliseconds. */
const IS_TIME = /(?:^|_)(?:at|until)$/;

/** Names of details that are milliseconds. */
const IS_DURATION = /_ms$/;

/** Members of a change, sorted; `replaced` says that the whole list was given. */
const CHANGED = /^from,(?:replaced,)?to$/;

/** The details of an event as `name: value` pairs; a change says what it was and what it is. */
export function eventChanges(details: {
  readonly [key: string]: JsonValue;
}): readonly (readonly [name: string, value: string])[] {
  return Object.entries(details)
    .filter(([key, value]) => !NOT_SHOWN.has(key) && value !== null && value !== false)
    .map(([key, value]) => [key.replace(IS_DURATION, '').replaceAll('_', ' '), valueText(key, value)]);
}

/** The details of an event in one line, with `between` after the name of each. */
export function changeLine(details: { readonly [key: string]: JsonValue }, between = ': '): string {
  return eventChanges(details)
    .map(([name, value]) => `${name}${between}${value}`)
    .join('; ');
}

function valueText(key: string, value: JsonValue): string {
  if (isObject(value) && CHANGED.test(Object.keys(value).sort().join())) {
    return difference(key, value['from'] ?? null, value['to'] ?? null);
  }
  return plain(key, value);
}

/** What was added and removed, of lists and of labels; else the value before and the one after. */
function difference(key: string, from: JsonValue, to: JsonValue): string {
  const [before, after] = [itemsOf(from), itemsOf(to)];
  if (before === null || after === null) return `${plain(key, from)} → ${plain(key, to)}`;
  const added = after.filter((item) => !before.includes(item)).map((item) => `+${item}`);
  const removed = before.filter((item) => !after.includes(item)).map((item) => `-${item}`);
  return [...added, ...removed].join(' ');
}

function itemsOf(value: JsonValue): readonly string[] | null {
  if (Array.isArray(value)) return value.map((item) => plain('', item));
  return isObject(value)
    ? Object.entries(value).map(([key, item]) => `${key}=${plain('', item ?? null)}`)
    : null;
}

function plain(key: string, value: JsonValue): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && IS_TIME.test(key) && isTime(value)) return formatInstant(value);
  if (typeof value === 'number' && IS_DURATION.test(key)) return formatDuration(value);
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(', ');
  return JSON.stringify(value);
}

/** A trail that was tampered with may hold any number. */
function isTime(ms: number): boolean {
  return !Number.isNaN(new Date(ms).getTime());
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
