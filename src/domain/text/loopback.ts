/** Whether a host is a loopback address or `localhost` (RFC 1122 §3.2.1.3, RFC 4291). */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
