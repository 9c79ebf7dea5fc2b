import { detectSecretsRules } from './detect-secrets.js';
import { githubRules } from './github.js';
import { gitleaksRules } from './gitleaks.js';
import { secretlintRules } from './secretlint.js';
import { trufflehogRules } from './trufflehog.js';

/** Scanners that a rule can be printed for. */
export const RULE_FORMATS = ['gitleaks', 'trufflehog', 'detect-secrets', 'secretlint', 'github'] as const;

/** A scanner that a rule can be printed for. */
export type RuleFormat = (typeof RULE_FORMATS)[number];

/** By format: what the scanner reads, for the secrets of a prefix. */
export const RULES: Readonly<Record<RuleFormat, (prefix: string) => string>> = {
  gitleaks: gitleaksRules,
  trufflehog: trufflehogRules,
  'detect-secrets': detectSecretsRules,
  secretlint: secretlintRules,
  github: githubRules,
};
