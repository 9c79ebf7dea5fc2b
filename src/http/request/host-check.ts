/**
 * Checks the `Host` header against an allow-list. Prevents DNS rebinding: a web page whose name resolves to
 * this address sends its own name.
 */
export function hostCheck(allowed: readonly string[]): (host: string | undefined) => boolean {
  const names = new Set(allowed.map((name) => normalised(name)));
  const known = new Map<string, boolean>();
  return (host) => {
    if (host === undefined) return false;
    const answer = known.get(host);
    if (answer !== undefined) return answer;
    const isAllowed = names.has(normalised(host));
    if (isAllowed && known.size < 100) known.set(host, true);
    return isAllowed;
  };
}

/** Without port and trailing dot, in lower case. */
function normalised(host: string): string {
  return host
    .replace(/:\d*$/, (port, at: number) => (host.includes(']') || host.indexOf(':') === at ? '' : port))
    .replace(/\.$/, '')
    .toLowerCase();
}
