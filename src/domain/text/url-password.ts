/** Whether a database URL contains a password, before the host or as a parameter. */
export function hasPassword(url: string): boolean {
  // Fast path for plain paths: the expressions are slow to compile.
  if (!['@', '?', '&', '%'].some((mark) => url.includes(mark))) return false;
  return /^[a-z]+:\/\/[^/?#]*:[^/?#]*@/i.test(url) || namesPassword(url);
}

/** Letters of a parameter's name may be percent-encoded. */
function namesPassword(url: string): boolean {
  const letters = url.replaceAll(/%([0-7][0-9a-f])/gi, (_, code) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return /[?&]password=/i.test(letters);
}

/**
 * Replaces the password by `…` in everything that looks like a URL, complete or truncated, or like a keyword
 * string. For messages that repeat arguments, as a store reference may be passed in the wrong place.
 */
export function maskPasswords(text: string): string {
  if (!text.includes(':/') && !text.includes('=')) return text;
  return text
    .replaceAll(/((?::\/|postgres(?:ql)?:)\/[^\s/?#@:]*:)(?:\S*(?=@)|\S*…)/gi, '$1…')
    .replaceAll(/((?:password|passwd|pwd)\s*=\s*)[^\s&;"'\\]+/gi, '$1…');
}
