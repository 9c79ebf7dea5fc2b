import type { Delivery, Destination } from '../domain/ports/ports.js';
import { RECEIVER, requireShape } from './input.js';

/**
 * Hands a secret over to a function of yours. The credential works once the function has returned, or its promise has
 * been fulfilled; when it throws, the new secret is revoked and earlier ones stay as they were. Where it cannot tell
 * whether the secret is kept, as after a time-out, it throws a {@link DeliveryInDoubt}: the new version is pending
 * then, beside the earlier ones.
 *
 * @param receive gets the one and only copy of the secret; it must not return before the secret is safely kept
 * @throws CredctlError `usage` when it is no function
 * @example
 * const destination = handTo(async ({ secret }) => {
 *   if (secret.type === 'api-key') await vault.write('billing/api-key', secret.apiKey);
 * });
 */
export function handTo(receive: (delivery: Delivery) => void | Promise<void>): Destination {
  requireShape(RECEIVER, receive, 'receive');
  return {
    kind: 'command',
    // Whether a function that was cut off had kept the secret cannot be told: nothing lapses by itself.
    replaces: true,
    async preflight() {},
    async deliver(delivery) {
      await receive(delivery);
    },
    async undo() {},
  };
}
