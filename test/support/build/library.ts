import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PROJECT } from '../program/real-program.js';

/** The library as it is published, with its threads beside it. */
export const library: typeof import('../../../src/index.js') = await load('library');

/** Its parts for Express, for Fastify, and for handlers of the Fetch standard. */
export const forExpress: typeof import('../../../src/library/express.js') = await load('library-express');
export const forFastify: typeof import('../../../src/library/fastify.js') = await load('library-fastify');
export const forFetch: typeof import('../../../src/library/fetch.js') = await load('library-fetch');

async function load<T>(name: string): Promise<T> {
  return await import(pathToFileURL(join(PROJECT, 'dist', `${name}.mjs`)).href);
}
