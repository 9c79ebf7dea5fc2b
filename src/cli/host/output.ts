import { CredctlError } from '../../domain/errors.js';
import { codeOf } from '../../files/errno.js';
import { writeFact } from '../../system/destinations/file-fault.js';
import { standardLines } from '../../system/line-output.js';
import { isClosedTerminal, isDiscarded, isTerminal, writeFully } from '../../system/streams.js';
import { BrokenPipe, type LineOutput, type Output, UnwrittenOutput } from './host.js';

/** A stream of this process by descriptor. */
export function output(descriptor: 1 | 2): Output {
  return {
    get isTerminal() {
      return isTerminal(descriptor);
    },
    get isDiscarded() {
      return isDiscarded(descriptor);
    },
    get columns() {
      return (descriptor === 1 ? process.stdout : process.stderr).columns ?? 80;
    },
    get rows() {
      return (descriptor === 1 ? process.stdout : process.stderr).rows ?? 24;
    },
    write(text) {
      try {
        writeFully(descriptor, Buffer.from(text));
      } catch (fault) {
        // Errors on standard error are ignored: the exit status reports the result.
        if (descriptor === 2) return;
        throw outputFault(descriptor, fault);
      }
    },
  };
}

/** Standard output as lines. */
export function outputLines(): LineOutput {
  const lines = standardLines();
  return {
    ...lines,
    write: (line) =>
      lines.write(line).catch((fault: unknown) => {
        throw outputFault(1, fault);
      }),
  };
}

function outputFault(descriptor: 1 | 2, fault: unknown): Error {
  const code = codeOf(fault);
  if (code === 'EPIPE') return new BrokenPipe();
  if (code === 'EIO' && isClosedTerminal(descriptor)) {
    return new CredctlError('terminated', 'the terminal was closed', { cause: fault });
  }
  return new UnwrittenOutput(writeFact(code ?? 'unknown fault'), fault);
}
