/** Node's crypto module, loaded on first use: it takes a tenth of the start of a command that hashes nothing. */
export function crypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}
