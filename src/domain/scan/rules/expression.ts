import { SECRET_OVERHEAD, type SecretKind } from '../../secret/secret-format.js';

const KINDS: readonly SecretKind[] = ['key', 'sec', 'tok'];

/** What follows the kind: id, hashed part and checksum. */
const REST_LENGTH = SECRET_OVERHEAD - '_key_'.length;

/**
 * Least Shannon entropy of a secret, in bits a character, where a scanner asks for one. It is what tells a secret from a
 * placeholder such as `acme_key_xxxx…`, and drawn characters are far above it.
 */
export const LEAST_ENTROPY = 3.5;

/** Texts of which every secret has one, as scanners look for them before they try an expression. */
export function keywordsOf(prefix: string): readonly string[] {
  return KINDS.map((kind) => `${prefix}_${kind}_`);
}

/** An expression for the secrets of a prefix, in what RE2, Hyperscan, Python and ECMAScript have in common. */
export function secretExpression(prefix: string): string {
  return `${prefix}_(?:${KINDS.join('|')})_[0-9A-Za-z]{${REST_LENGTH}}`;
}

/** The same between word boundaries, as the one group. */
export function boundedExpression(prefix: string): string {
  return `\\b(${secretExpression(prefix)})\\b`;
}

/** What the rule of a prefix is called where people read it. */
export function ruleTitle(prefix: string): string {
  return `credctl secret (${prefix})`;
}
