// @ts-check
/**
 * Prints what fleets of gateways carry: `npm run simulate`. Without an argument, with the parameters kept beside it;
 * otherwise with those in the file named.
 */
import { readFile } from 'node:fs/promises';
import { argv, stdout } from 'node:process';
import { capacityTables, storedParameters } from './table.mjs';

const [, , file] = argv;
const parameters = file === undefined ? await storedParameters() : JSON.parse(await readFile(file, 'utf8'));
stdout.write(`${capacityTables(parameters)}\n`);
