import { ruleTitle, secretExpression } from './expression.js';

/** The fields of a custom pattern of GitHub's secret scanning, which are typed into a form. */
export function githubRules(prefix: string): string {
  return `Pattern name:   ${ruleTitle(prefix)}
Secret format:  ${secretExpression(prefix)}
Before secret:  \\A|[^0-9A-Za-z_]
After secret:   \\z|[^0-9A-Za-z_]
`;
}
