/** Whether a URL of a database has a password in it, before the host or as a parameter. */
export function hasPassword(url: string): boolean {
  // Nearly every store is a path, and the expressions take long to compile.
  if (!['@', '?', '&', '%'].some((mark) => url.includes(mark))) return false;
  return /^[a-z]+:\/\/[^/?#]*:[^/?#]*@/i.test(url) || namesPassword(url);
}

/** Letters of a parameter's name can be written as %XX. */
function namesPassword(url: string): boolean {
  const letters = url.replaceAll(/%([0-7][0-9a-f])/gi, (_, code) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return /[?&]password=/i.test(letters);
}

/**
 * Replaces the password in whatever looks like a URL, complete or cut off, or like a keyword string, by `…`. For
 * messages that repeat arguments: a reference to a store may have come where another argument belongs.
 */
export function maskPasswords(text: string): string {
  if (!text.includes(':/') && !text.includes('=')) return text;
  return text
    .replaceAll(/((?::\/|postgres(?:ql)?:)\/[^\s/?#@:]*:)(?:\S*(?=@)|\S*…)/gi, '$1…')
    .replaceAll(/((?:password|passwd|pwd)\s*=\s*)[^\s&;"'\\]+/gi, '$1…');
}
