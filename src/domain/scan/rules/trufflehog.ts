import { boundedExpression, keywordsOf, LEAST_ENTROPY } from './expression.js';

/** A configuration of trufflehog 3 (YAML) with one custom detector; with `verify` it asks a server whether it is live. */
export function trufflehogRules(prefix: string): string {
  return `# Secrets of credctl, prefix ${prefix}, for trufflehog: trufflehog filesystem . --config=FILE
detectors:
  - name: credctl_${prefix}
    keywords:
${keywordsOf(prefix)
  .map((keyword) => `      - ${keyword}`)
  .join('\n')}
    regex:
      token: '${boundedExpression(prefix)}'
    entropy: ${LEAST_ENTROPY}
    # To ask a server of credctl whether what was found is live, take these lines in, with its address and
    # an access token that has the scope credctl:scan:
    # verify:
    #   - endpoint: https://credctl.example.com/scan/v1/check
    #     headers:
    #       - 'Authorization: Bearer TOKEN'
`;
}
