/** Addresses that reports of other scanners have in place of a path. */
const ADDRESS = /^https?:\/\/[^\s]+$/i;

/**
 * A place as a URI (RFC 3986): a relative one for what is relative, to the top of what was scanned, and `file:` for an
 * absolute path. An address stays what it is, as far as it is one.
 */
export function placeUri(path: string): string {
  if (ADDRESS.test(path) && URL.canParse(path)) return new URL(path).href;
  const parts = path.replace(/^(?:\.\/+)+/, '').split('/');
  const encoded = parts.map((part) => encodeURIComponent(wellFormed(part))).join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}

/** Half a pair of surrogates has no UTF-8. */
function wellFormed(text: string): string {
  return text.replaceAll(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}
