import { safeJson } from '../../domain/text/safe-text.js';

/** One JSON document of the public interface, ended by a newline. */
export function jsonDocument(content: { readonly [key: string]: unknown }): string {
  return `${safeJson({ schema_version: 1, ...content })}\n`;
}
