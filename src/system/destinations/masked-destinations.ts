import { fstatSync } from 'node:fs';
import { CredctlError } from '../../domain/errors.js';
import type { Delivery, Destination } from '../../domain/ports/ports.js';
import { secretText } from '../../domain/secret/issued-secret.js';
import { writeFully } from '../streams.js';

const STDOUT = 1;
const STDERR = 2;

/**
 * Wraps destinations for a GitHub Actions job: before the first delivery, a workflow command makes the runner
 * mask the secret in the log. The runner reads workflow commands from both streams; standard error is used, as
 * standard output may be a file that the secret is written to.
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

    // A getter, as it is known only after the preflight.
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
      "credctl could not tell the runner to hide the secret in the job's log",
      {
        hint: 'the new secret was revoked; nothing else was changed',
        cause,
      },
    );
  }
}

/** Standard error must be the runner's pipe: a file or a terminal would keep the command with the secret. */
function requireLog(): void {
  if (isOfKind(STDERR, (stream) => stream.isFIFO() || stream.isSocket())) return;
  throw new CredctlError('undelivered', "standard error does not lead to the job's log", {
    hint: 'nothing was changed; do not redirect standard error: the runner reads there which secret to hide',
  });
}

/** Standard output must be redirected to a file, as otherwise it is the log itself. */
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
