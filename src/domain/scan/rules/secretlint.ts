import { boundedExpression, ruleTitle } from './expression.js';

/** A `.secretlintrc.json` with one rule of `@secretlint/secretlint-rule-pattern`. */
export function secretlintRules(prefix: string): string {
  const patterns = [{ name: ruleTitle(prefix), patterns: [`/${boundedExpression(prefix)}/`] }];
  const rules = [{ id: '@secretlint/secretlint-rule-pattern', options: { patterns } }];
  return `${JSON.stringify({ rules }, undefined, 2)}\n`;
}
