/**
 * The real program, except that it kills itself with SIGKILL as soon as a delivery reaches a step. The step is the
 * first argument, the program's own follow.
 */
import { createHost } from '../../../src/cli/host/system-host.js';
import { main } from '../../../src/cli/main.js';

const [step, ...argv] = process.argv.slice(2);

const host = createHost({
  observe(reached) {
    if (reached !== step) return;
    process.kill(process.pid, 'SIGKILL');
    for (;;);
  },
});

main(argv, host).then((code) => {
  process.exitCode = code;
});
