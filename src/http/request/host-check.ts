/**
 * Decides whether a `Host` header names this server. A web page that has its own name point to this address sends that
 * name, which nobody has allowed.
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

/** Without port and final dot, in lower case. */
function normalised(host: string): string {
  return host
    .replace(/:\d*$/, (port, at: number) => (host.includes(']') || host.indexOf(':') === at ? '' : port))
    .replace(/\.$/, '')
    .toLowerCase();
}
