import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inWorkplace, told } from '../../support/program/every-command.js';
import { type Ended, PROGRAM, runIn } from '../../support/program/real-program.js';

/** Starts the program with a Node.js that says to be of that version. */
function startedBy(version: string): Promise<Ended> {
  return inWorkplace((place) => {
    const preload = join(place.root, 'version.cjs');
    writeFileSync(
      preload,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`,
    );
    return runIn(place, [process.execPath, '--require', preload, PROGRAM, '--version']);
  });
}

it.each(['18.20.8', '20.18.3', '21.7.3', '22.11.0'])('Node.js %s is told to be too old', async (version) => {
  expect(told(await startedBy(version))).toBe(
    `1 credctl: Node.js 20.19, 22.12 or newer is needed, this is ${version}\nhint: install a release of Node.js that is maintained`,
  );
});

it.each(['20.19.0', '22.12.0', '23.0.0', '26.0.0'])('Node.js %s is not', async (version) => {
  expect((await startedBy(version)).exitCode).toBe(0);
});
