/** Node's cryptography, loaded at its first use: of a start that hashes nothing it would take a tenth. */
export function crypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}
