import { POSTGRES_14, POSTGRES_18 } from '../postgres/stores.js';
import { type Engine, SQLITE } from './stores.js';

/** Every engine that the contract of the store is tested on. */
export const ENGINES: readonly Engine[] = [SQLITE, POSTGRES_14, POSTGRES_18];
