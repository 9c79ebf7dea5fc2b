import { boundedExpression, ruleTitle } from './expression.js';

/** A plugin of detect-secrets 1 (Python): it takes rules in no other form. */
export function detectSecretsRules(prefix: string): string {
  const name = `Credctl${prefix[0]?.toUpperCase() ?? ''}${prefix.slice(1)}Detector`;
  return `"""Secrets of credctl, prefix ${prefix}, for detect-secrets: detect-secrets scan --plugin FILE.py"""
import re

from detect_secrets.plugins.base import RegexBasedDetector


class ${name}(RegexBasedDetector):
    """Finds secrets of credctl, prefix ${prefix}."""

    secret_type = '${ruleTitle(prefix)}'

    denylist = (
        re.compile(r'${boundedExpression(prefix)}', re.ASCII),
    )
`;
}
