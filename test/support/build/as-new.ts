import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Before each file of tests: gives the process back what a file before it may have changed. The program, run within it,
 * keeps its files to their owner, leaves memory out of core dumps and writes down whether it may use colours.
 */
const ORDINARY_MASK = 0o022;

/** Of the process and of the one that started it, which runs no program. */
const [FILTER, ORDINARY_FILTER] = ['/proc/self/coredump_filter', `/proc/${process.ppid}/coredump_filter`];

process.umask(ORDINARY_MASK);
process.exitCode = undefined;
delete process.env['NO_COLOR'];
if (existsSync(ORDINARY_FILTER)) writeFileSync(FILTER, `0x${readFileSync(ORDINARY_FILTER, 'latin1').trim()}`);
