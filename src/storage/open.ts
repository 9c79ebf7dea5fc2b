import { isAbsolute, resolve } from 'node:path';
import type { NewStore, Store } from '../domain/ports/store-port.js';
import { parseStoreReference } from '../domain/text/store-reference.js';
import { isUndecodable, undecodable } from '../domain/text/utf8.js';
import type { Engine, OpenOptions, StoreSystem } from './engine.js';
import { postgresEngine } from './postgres/engine.js';
import { sqliteEngine } from './sqlite/engine.js';

/** In the order in which they are asked. */
const ENGINES: readonly Engine[] = [postgresEngine, sqliteEngine];

/**
 * Resolves a reference to a place: the absolute path of a file, or the URL of a PostgreSQL database.
 *
 * @param noun what messages call the reference
 * @throws CredctlError `usage` for what is neither; the reference is never repeated
 */
export function storePlace(reference: string, workingDirectory: () => string, noun = 'the store'): string {
  const named = parseStoreReference(reference, noun);
  if (named.kind === 'database') return named.url;
  if (isAbsolute(named.path)) return named.path;
  const path = resolve(workingDirectory(), named.path);
  if (isUndecodable(path)) throw undecodable('the path of the working directory');
  return path;
}

/** The engine of a place. */
export function engineAt(place: string): Engine {
  const engine = ENGINES.find((each) => each.isAt(place));
  if (engine === undefined) throw new TypeError('every place is of an engine');
  return engine;
}

/** Opens the store at a place, or an empty stand-in while it does not exist. */
export function openStoreAt(place: string, system: StoreSystem, options: OpenOptions): Promise<Store> {
  return engineAt(place).open(place, system, options);
}

/**
 * Creates a store.
 *
 * @throws CredctlError `conflict` when there is one already
 */
export function initStoreAt(place: string, system: StoreSystem, newStore: NewStore): Promise<Store> {
  return engineAt(place).init(place, system, newStore);
}
