/** The n-th of deliveries that are to fail: creations and rotations take turns, as do types. */
export function deliveryInTurn(n: number): readonly string[] {
  const type = n % 4 < 2 ? 'api-key' : 'oauth2';
  if (n % 2 === 0) return ['create', 'newcomer', '--type', type, '--scope', 'data:conversations'];
  const resident = type === 'api-key' ? 'resident-key' : 'resident-client';
  return ['rotate', resident, ...(n % 3 === 0 ? ['--now'] : [])];
}
