import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SecretSearch } from '../../support/dependencies/secret-search.js';
import { openSession } from '../../support/program/run.js';
import { startProgram } from '../../support/program/running-program.js';
import { onlySecretIn } from '../../support/stores/store-probe.js';

const PT_LOAD = 1;

const DUMPING = ['sh', '-c', 'ulimit -c unlimited || :; exec "$@"', 'sh'];

/**
 * The memory of an ELF core file (64 bits, elf(5)). Its notes have the registers of each thread, where a copy of up to 64
 * bytes may be left: what is dumped of them depends on no setting of the process.
 */
function memoryIn(core: Buffer): string {
  const [start, size, count] = [
    Number(core.readBigUInt64LE(32)),
    core.readUInt16LE(54),
    core.readUInt16LE(56),
  ];
  const loaded: Buffer[] = [];
  for (let at = start; at < start + size * count; at += size) {
    const [offset, length] = [core.readBigUInt64LE(at + 8), core.readBigUInt64LE(at + 32)].map(Number);
    if (core.readUInt32LE(at) === PT_LOAD) loaded.push(core.subarray(offset, (offset ?? 0) + (length ?? 0)));
  }
  return Buffer.concat(loaded).toString('latin1');
}

it('a core dump of credctl has no secret in its memory', async () => {
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
  const core = session.workspace.path('core');
  if (existsSync(core)) expect(search.isIn(memoryIn(readFileSync(core)))).toBe(false);
  expect(search.filesIn(session.workspace.directory).filter((name) => name !== 'core')).toEqual([]);
});
