import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Installation } from '../../support/build/built-with.js';
import { failuresOf, inWorkplace } from '../../support/program/every-command.js';
import { PROJECT, runIn } from '../../support/program/real-program.js';
import { unprivileged } from '../../support/program/unprivileged.js';

const COMMANDS = [
  { argv: ['--help'] },
  { argv: ['create', 'bot', '--type', 'api-key', '--scope', 'data:users', '--output', 'bot.key'] },
  { argv: ['list'] },
  { argv: ['show', 'bot'] },
];

/** A checkout whose code cache may be spoiled. */
function builtCheckout(): Installation & { readonly code: readonly string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'credctl-code-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const name of ['bin', 'dist', 'package.json']) {
    cpSync(join(PROJECT, name), join(directory, name), { recursive: true });
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(directory, 'node_modules'));
  const cache = join(directory, 'dist', 'code-cache');
  const code = readdirSync(cache, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return { directory, program: join(directory, 'bin', 'credctl.js'), code };
}

it.each([0, 12, 1_000, 20_000])(
  'a code cache that was cut off after %i bytes does not matter',
  async (length) => {
    const checkout = builtCheckout();
    expect(checkout.code.length).toBeGreaterThan(10);
    for (const file of checkout.code) truncateSync(file, length);
    const failures = await inWorkplace((place) => failuresOf(process.execPath, checkout, place, COMMANDS));
    expect(failures).toEqual([]);
  },
);

it('a code cache that this user may not read does not matter', async () => {
  const { program, code } = builtCheckout();
  for (const file of code) chmodSync(file, 0);
  await inWorkplace(async (place) => {
    for (const { argv } of COMMANDS) {
      const ended = await runIn(place, unprivileged([process.execPath, program, ...argv]));
      expect(ended.exitCode, argv[0]).toBe(0);
    }
  });
});
