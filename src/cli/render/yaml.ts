import { safeForTerminal, safeJson } from '../../domain/text/safe-text.js';

/** A document as YAML that a terminal can show; characters that it should not see are escaped the way YAML does. */
export async function yamlText(document: object): Promise<string> {
  const { stringify } = await import('yaml');
  const text = stringify(document);
  if (isSafe(text)) return text;
  // JSON is YAML, and its escapes keep the meaning of what a plain scalar could only show.
  return `${safeJson(document, 2)}\n`;
}

function isSafe(text: string): boolean {
  return safeForTerminal(text, { newlines: 'keep' }) === text;
}
