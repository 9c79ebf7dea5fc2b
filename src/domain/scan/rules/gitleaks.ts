import { boundedExpression, keywordsOf, LEAST_ENTROPY, ruleTitle } from './expression.js';

/** A configuration of gitleaks 8 (TOML) that adds one rule to its own. */
export function gitleaksRules(prefix: string): string {
  const keywords = keywordsOf(prefix).map((keyword) => `"${keyword}"`);
  return `# Secrets of credctl, prefix ${prefix}, for gitleaks: save as .gitleaks.toml.
# Where you have one, add [[rules]] to it.

[extend]
useDefault = true

[[rules]]
id = "credctl-${prefix}"
description = "${ruleTitle(prefix)}"
regex = '''${boundedExpression(prefix)}'''
secretGroup = 1
entropy = ${LEAST_ENTROPY}
keywords = [${keywords.join(', ')}]
tags = ["credctl"]
`;
}
