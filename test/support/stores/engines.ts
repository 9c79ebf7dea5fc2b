import { POSTGRES_ENGINES } from '../postgres/stores.js';
import { type Engine, SQLITE } from './stores.js';

/** Every engine that the contract of the store is tested on. */
export const ENGINES: readonly Engine[] = [SQLITE, ...POSTGRES_ENGINES];
