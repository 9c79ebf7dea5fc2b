import { fstatSync } from 'node:fs';
import { CredctlError } from '../../domain/errors.js';
import type { Delivery, Destination } from '../../domain/ports/ports.js';
import { secretText } from '../../domain/secret/issued-secret.js';
import { writeFully } from '../streams.js';

const STDOUT = 1;
const STDERR = 2;

/**
 * The same destinations in a GitHub Actions job: before the first of them is given the secret, the runner is told to
 * hide it in the log. The runner reads workflow commands from both streams of a step, and standard output may be the
 * file that the secret goes to, so it is told on standard error.
 */
export function maskedDestinations(destinations: readonly Destination[]): readonly Destination[] {
  let isMasked = false;
  const mask = (delivery: Delivery): void => {
    if (!isMasked) tellRunner(delivery);
    isMasked = true;
  };
  return destinations.map((destination) => ({
    kind: destination.kind,
    ...(destination.leaseMs === undefined ? {} : { leaseMs: destination.leaseMs }),

    // Known after the preflight only.
    get replaces() {
      return destination.replaces;
    },

    async preflight(context) {
      requireLog();
      if (destination.kind === 'stdout') requireFile();
      await destination.preflight(context);
    },

    async deliver(delivery, announce) {
      mask(delivery);
      await destination.deliver(delivery, announce);
    },

    undo: () => destination.undo(),

    settle: async (delivery) => destination.settle?.(delivery),
  }));
}

function tellRunner({ secret }: Delivery): void {
  try {
    writeFully(STDERR, Buffer.from(`::add-mask::${secretText(secret)}\n`));
  } catch (cause) {
    throw new CredctlError(
      'undelivered',
      "the runner could not be told to hide the secret in the job's log",
      {
        hint: 'the new secret was revoked; nothing else was changed',
        cause,
      },
    );
  }
}

/** A file or a terminal would keep the line that the runner takes away. */
function requireLog(): void {
  if (isOfKind(STDERR, (stream) => stream.isFIFO() || stream.isSocket())) return;
  throw new CredctlError('undelivered', "standard error does not lead to the job's log", {
    hint: 'nothing was changed; leave standard error alone, so that the runner can be told to hide the secret',
  });
}

/** Standard output as it is is the log itself. */
function requireFile(): void {
  if (isOfKind(STDOUT, (stream) => stream.isFile())) return;
  throw new CredctlError('undelivered', 'standard output is not a file that the runner reads', {
    hint: 'nothing was changed; add >> "$GITHUB_OUTPUT" or >> "$GITHUB_ENV"',
  });
}

function isOfKind(descriptor: number, test: (stream: ReturnType<typeof fstatSync>) => boolean): boolean {
  try {
    return test(fstatSync(descriptor));
  } catch {
    return false;
  }
}
