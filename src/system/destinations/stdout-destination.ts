import { CredctlError } from '../../domain/errors.js';
import type { Delivery, Destination } from '../../domain/ports/ports.js';
import { codeOf } from '../../files/errno.js';
import { isDiscarded, writeDurably } from '../streams.js';

const STDOUT = 1;

/** Standard output as a destination. */
export function stdoutDestination(render: (delivery: Delivery) => string): Destination {
  return {
    kind: 'stdout',
    replaces: false,

    async preflight() {
      if (!isDiscarded(STDOUT)) return;
      throw new CredctlError('undelivered', 'standard output is closed or goes to /dev/null', {
        hint: 'nothing was changed; write the secret to a file with --output FILE, or pipe it to a program',
      });
    },

    async deliver(delivery) {
      try {
        writeDurably(STDOUT, Buffer.from(render(delivery)));
      } catch (fault) {
        throw new CredctlError(
          'undelivered',
          `the secret could not be written to standard output (${codeOf(fault) ?? 'unknown fault'})`,
          { hint: 'the new secret was revoked; nothing else was changed', cause: fault },
        );
      }
    },

    async undo() {},
  };
}
