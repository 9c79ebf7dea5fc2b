import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { realPipes, releaseInputs } from '../../../src/system/program/real-pipe.js';
import { temporaryDirectory } from '../../support/stores/stores.js';

let directory: string;

beforeEach(() => {
  const made = temporaryDirectory();
  directory = made.path;
  vi.stubEnv('TMPDIR', directory);
  return () => {
    vi.unstubAllEnvs();
    made.dispose();
  };
});

/** Has the command that makes pipes do something else, as it would come out if the directory were exchanged under it. */
function makingInstead(script: string): void {
  const bin = join(directory, 'bin');
  writeFileSync(bin, `#!/bin/sh\nPATH=/usr/bin:/bin; shift 2\n${script}\n`);
  chmodSync(bin, 0o755);
  const beside = temporaryDirectory();
  writeFileSync(join(beside.path, 'mkfifo'), `#!/bin/sh\nexec ${bin} "$@"\n`);
  chmodSync(join(beside.path, 'mkfifo'), 0o755);
  vi.stubEnv('PATH', `${beside.path}:${process.env['PATH']}`);
}

describe('pipes to a program', () => {
  it('are made, and leave nothing in the directory for temporary files', () => {
    const pipes = realPipes(2);
    expect(pipes).toHaveLength(2);
    expect(readdirSync(directory)).toEqual([]);
    for (const { output } of pipes ?? []) output.destroy();
    releaseInputs(pipes ?? []);
  });

  it('are none where something else has their names', () => {
    makingInstead('for name; do : > "$name"; done');
    expect(realPipes(2)).toBeNull();
  });

  it.runIf(process.geteuid?.() === 0)('are none where they belong to another user', () => {
    makingInstead('mkfifo -m 666 "$@" && chown 65534 "$@"');
    expect(realPipes(2)).toBeNull();
  });
});
