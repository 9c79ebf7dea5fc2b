import type { Delivery, Destination } from '../domain/ports/ports.js';
import { RECEIVER, requireShape } from './input.js';

/**
 * A destination that passes the secret to a callback. The credential works once the callback has returned or
 * its promise is fulfilled; when it throws, the new secret was revoked and earlier ones are unchanged. If it
 * cannot tell whether the secret was stored, as after a time-out, it must throw a {@link DeliveryInDoubt}: the
 * new version is then pending, beside the earlier ones.
 *
 * @param receive gets the only copy of the secret; it must not return before the secret is safely stored
 * @throws CredctlError `usage` when it is not a function
 * @example
 * const destination = handTo(async ({ secret }) => {
 *   if (secret.type === 'api-key') await vault.write('billing/api-key', secret.apiKey);
 * });
 */
export function handTo(receive: (delivery: Delivery) => void | Promise<void>): Destination {
  requireShape(RECEIVER, receive, 'receive');
  return {
    kind: 'command',
    // The outcome of an interrupted callback is unknown: the version must not lapse.
    replaces: true,
    async preflight() {},
    async deliver(delivery) {
      await receive(delivery);
    },
    async undo() {},
  };
}
