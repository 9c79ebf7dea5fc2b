/**
 * Before each file of tests: gives the process back what a file before it may have changed. The program, run within it,
 * keeps its files to their owner and writes down whether it may use colours.
 */
const ORDINARY_MASK = 0o022;

process.umask(ORDINARY_MASK);
process.exitCode = undefined;
delete process.env['NO_COLOR'];
