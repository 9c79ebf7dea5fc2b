import { CredctlError } from '../../domain/errors.js';
import type { DeliveryRoute } from '../flags/delivery.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { jsonDocument } from '../render/json.js';
import { note } from '../session.js';

/**
 * Prints the result of a delivery to another destination.
 *
 * @throws CredctlError `partial` when it cannot be printed, although the secret works
 */
export function printOutcome(host: Pick<Host, 'out'>, members: { readonly [key: string]: unknown }): void {
  try {
    host.out.write(jsonDocument(members));
  } catch (cause) {
    throw new CredctlError('partial', 'the secret was delivered, but the result could not be printed', {
      hint: "do not repeat the command; see 'credctl show' for the result",
      cause,
    });
  }
}

/** Notes where the secret was delivered. */
export function noteDelivery(host: Host, globals: GlobalOptions, route: DeliveryRoute): void {
  if (route.file !== null) note(host, globals, `the secret is in ${route.file}`);
  if (route.keychain) note(host, globals, 'the keychain has a copy of the secret');
  if (route.command !== null) note(host, globals, `${route.command} has received the secret`);
  if (route.usesStdout) note(host, globals, 'keep the secret now: it cannot be shown again');
}
