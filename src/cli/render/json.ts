import { safeJson } from '../../domain/text/safe-text.js';

/** A JSON document of the public interface, with a final newline. */
export function jsonDocument(content: { readonly [key: string]: unknown }): string {
  return `${safeJson({ schema_version: 1, ...content })}\n`;
}
