import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SecretSearch } from '../../support/dependencies/secret-search.js';
import { openSession } from '../../support/program/run.js';
import { startProgram } from '../../support/program/running-program.js';
import { onlySecretIn } from '../../support/stores/store-probe.js';

const DUMPING = ['sh', '-c', 'ulimit -c unlimited || :; exec "$@"', 'sh'];

it('a core dump of credctl has no secret', async () => {
  const session = await openSession();
  await session.issue('ci-bot');
  const argv = ['rotate', 'ci-bot', '--', 'sh', '-c', 'cat; echo; echo begun; exec sleep 600'];
  const program = startProgram(session, argv, DUMPING);
  await program.see('begun');
  const search = new SecretSearch();
  search.add(onlySecretIn(program.printed.stderr));
  // What core(5) leaves out depends on this alone; not every machine has a file of it.
  expect(Number.parseInt(readFileSync(`/proc/${program.pid}/coredump_filter`, 'latin1'), 16)).toBe(0);
  program.kill('SIGABRT');
  expect(await program.ended()).toBe(134);
  expect(search.filesIn(session.workspace.directory)).toEqual([]);
});
