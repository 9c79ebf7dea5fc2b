// @ts-check
/** The Homebrew formula, for one tarball of one version. */

/** Where the formula stands, from the project's directory. */
export const FORMULA = 'contrib/homebrew/credctl.rb';

/** In the place of the digest, as long as nothing was packed. */
export const NO_DIGEST = '0'.repeat(64);

/**
 * @param {string} formula the text of the formula, for any version
 * @param {string} version @param {string} digest SHA-256 of the tarball in the registry, in hexadecimal
 * @param {string} [homepage] left as it is without
 * @returns {string}
 * @throws {Error} for a text that lacks one of these lines
 */
export function formulaFor(formula, version, digest, homepage) {
  let text = replaced(formula, 'url', `https://registry.npmjs.org/credctl/-/credctl-${version}.tgz`);
  text = replaced(text, 'sha256', digest);
  return homepage === undefined ? text : replaced(text, 'homepage', homepage);
}

/** @param {string} formula @param {string} name @param {string} value */
function replaced(formula, name, value) {
  const line = new RegExp(`^( *${name}) ".*"$`, 'm');
  if (!line.test(formula)) throw new Error(`the formula has no line for ${name}`);
  return formula.replace(line, (_, before) => `${before} "${value}"`);
}
