import { safeForTerminal, safeJson } from '../../domain/text/safe-text.js';

/** YAML that is safe for a terminal. */
export async function yamlText(document: object): Promise<string> {
  const { stringify } = await import('yaml');
  const text = stringify(document);
  if (isSafe(text)) return text;
  // Falls back to JSON, a subset of YAML, as plain YAML scalars have no escapes.
  return `${safeJson(document, 2)}\n`;
}

function isSafe(text: string): boolean {
  return safeForTerminal(text, { newlines: 'keep' }) === text;
}
