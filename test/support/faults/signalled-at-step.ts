/**
 * The real program, except that it sends itself a signal as soon as a delivery reaches a step. The signal and the step
 * are the first arguments, the program's own follow.
 */
import { createHost } from '../../../src/cli/host/system-host.js';
import { main } from '../../../src/cli/main.js';

const [signal, step, ...argv] = process.argv.slice(2);

const host = createHost({
  observe(reached) {
    if (reached === step) process.kill(process.pid, signal as NodeJS.Signals);
  },
});

main(argv, host).then((code) => process.exit(code));
