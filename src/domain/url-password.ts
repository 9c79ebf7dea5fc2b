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
