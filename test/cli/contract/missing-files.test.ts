import { chmodSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installed } from '../../support/build/packed.js';
import { inWorkplace, told } from '../../support/program/every-command.js';
import { PROJECT, runIn } from '../../support/program/real-program.js';
import { unprivileged } from '../../support/program/unprivileged.js';

const programIn = (directory: string): string =>
  join(directory, 'node_modules', 'credctl', 'bin', 'credctl.js');

describe('without the addon for the keychain', () => {
  it('says that it is missing, and how to install it, not that a Secret Service is', async () => {
    const directory = await installed();
    const modules = join(directory, 'node_modules', '@napi-rs');
    rmSync(join(modules, 'keyring'));
    cpSync(join(PROJECT, 'node_modules', '@napi-rs', 'keyring'), join(modules, 'keyring'), {
      recursive: true,
    });
    await inWorkplace(async (place) => {
      const argv = ['create', 'bot', '--scope', 'data:users', '--keychain'];
      const ended = await runIn(place, [process.execPath, programIn(directory), ...argv]);
      expect(ended.stdout).toBe('');
      expect(told(ended)).toMatch(
        /^6 (?:.+\n)*credctl: the addon for the keychain is not installed: @napi-rs\/keyring-[\w-]+\nhint: install it: npm install --include=optional, or /,
      );
    });
  });
});

describe("where the program's own files cannot be read", () => {
  it('says which one, and how to give leave', async () => {
    const directory = await installed();
    chmodSync(join(directory, 'node_modules', 'credctl', 'dist'), 0);
    await inWorkplace(async (place) => {
      const ended = await runIn(place, unprivileged([process.execPath, programIn(directory), 'list']));
      const home = join(directory, 'node_modules', 'credctl');
      expect(told(ended)).toBe(
        `1 credctl: the program's own file cannot be read: ${join(home, 'dist', 'entry.cjs')}\nhint: as its owner, run: chmod -R a+rX '${home}'`,
      );
    });
  });
});
