import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Destination } from '../../../src/domain/ports/ports.js';
import { fileDestination } from '../../../src/system/destinations/file-destination.js';
import { failure } from '../../storage/fixtures.js';
import { secretText } from '../../support/dependencies/destinations.js';
import { temporaryDirectory } from '../../support/stores/stores.js';
import { openScenario } from '../../usecases/scenario.js';

const HANDLE = 'cctl_key_0123456789AB';

function freePath(): string {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.dispose());
  return join(directory.path, 'key.env');
}

const destinationAt = (path: string, force = false): Destination =>
  fileDestination({ path, force, render: ({ secret }) => `${secretText(secret)}\n` });

const preflight = (destination: Destination, ...handles: readonly string[]) =>
  destination.preflight({ abandoned: handles.map((handle) => ({ handle, lapses: true })) });

const contents = (path: string) => readFileSync(path, 'utf8');

describe('a file as the destination: preflight', () => {
  it('changes nothing where the file is free', async () => {
    const path = freePath();
    const destination = destinationAt(path);
    await preflight(destination);
    expect([readdirSync(dirname(path)), destination.replaces]).toEqual([[], false]);
  });

  it.each<readonly [string, (path: string) => void, RegExp]>([
    ['a file that exists', (path) => writeFileSync(path, 'mine'), /exists already/],
    ['a link', (path) => symlinkSync('/etc/hostname', path), /symbolic link/],
    ['a dangling link', (path) => symlinkSync('nowhere', path), /symbolic link/],
    ['a directory', (path) => mkdirSync(path), /not a regular file/],
    ['a named pipe', (path) => void execFileSync('mkfifo', [path]), /not a regular file/],
  ])('refuses %s, and leaves it alone', async (_what, make, message) => {
    const path = freePath();
    make(path);
    const before = lstatSync(path);
    await expect(preflight(destinationAt(path))).rejects.toEqual(failure('undelivered', message));
    const { ino, mtimeMs, mode } = lstatSync(path);
    expect([ino, mtimeMs, mode]).toEqual([before.ino, before.mtimeMs, before.mode]);
    expect(readdirSync(dirname(path))).toEqual(['key.env']);
  });

  it('refuses a link even by force', async () => {
    const path = freePath();
    symlinkSync('/etc/hostname', path);
    await expect(preflight(destinationAt(path, true))).rejects.toEqual(
      failure('undelivered', /symbolic link/),
    );
  });

  it('refuses a directory that does not exist, or is none', async () => {
    const path = freePath();
    await expect(preflight(destinationAt(join(path, 'x')))).rejects.toEqual(
      failure('undelivered', /directory/),
    );
    writeFileSync(path, 'mine');
    await expect(preflight(destinationAt(join(path, 'x')))).rejects.toEqual(
      failure('undelivered', /directory/),
    );
  });

  it('knows by force that it replaces what is there, so that the new secret must not lapse', async () => {
    const path = freePath();
    writeFileSync(path, 'mine');
    const destination = destinationAt(path, true);
    await preflight(destination);
    expect([destination.replaces, contents(path)]).toEqual([true, 'mine']);
  });

  it('knows that what was left there may be all that its reader has, unless it ends by itself', async () => {
    const path = freePath();
    writeFileSync(path, `API_KEY=${HANDLE}abc\n`);
    for (const lapses of [true, false]) {
      const destination = destinationAt(path);
      await destination.preflight({ abandoned: [{ handle: HANDLE, lapses }] });
      expect(destination.replaces).toBe(!lapses);
    }
  });

  it.each([
    ['holds the handle of a delivery that was cut off', `API_KEY=${HANDLE}abc\n`, true],
    ['was made by a delivery that was cut off, and is empty', '', true],
    ['holds another handle', 'API_KEY=cctl_key_BA9876543210abc\n', false],
    ['holds nothing of ours', 'mine\n', false],
  ])('lets a file be replaced that %s', async (_what, text, may) => {
    const path = freePath();
    writeFileSync(path, text);
    const destination = destinationAt(path);
    const attempt = preflight(destination, HANDLE);
    if (may) await expect(attempt).resolves.toBeUndefined();
    else await expect(attempt).rejects.toEqual(failure('undelivered', /exists already/));
    expect([destination.replaces && may, contents(path)]).toEqual([false, text]);
  });
});

describe('a file as the destination: delivery', () => {
  it('creates it, for its owner alone, with exactly what was rendered', async () => {
    const scenario = await openScenario();
    const path = freePath();
    const destination = destinationAt(path);
    const { fault, secret } = await scenario.tryIssue({ also: [destination] });
    expect([fault, contents(path), lstatSync(path).mode & 0o777]).toEqual([null, `${secret}\n`, 0o600]);
  });

  it('does not overwrite a file that came into being after the preflight', async () => {
    const scenario = await openScenario();
    const path = freePath();
    const intrude = async () => writeFileSync(path, 'mine');
    const { fault, secret } = await scenario.tryIssue({
      to: { meanwhile: { deliver: intrude } },
      also: [destinationAt(path)],
    });
    expect(fault).toEqual(failure('undelivered', /exists already/));
    expect([contents(path), await scenario.accepts(secret)]).toEqual(['mine', false]);
  });

  it('does not write through a link that came into being after the preflight', async () => {
    const scenario = await openScenario();
    const path = freePath();
    const victim = `${path}.victim`;
    writeFileSync(path, 'the old one');
    writeFileSync(victim, 'mine');
    const intrude = async () => {
      execFileSync('ln', ['-sfn', victim, path]);
    };
    await scenario.tryIssue({ to: { meanwhile: { deliver: intrude } }, also: [destinationAt(path, true)] });
    expect(contents(victim)).toBe('mine');
  });

  it.each([
    [0o777, true],
    [0o1777, false],
    [0o775, false],
  ])('says where everybody can replace it: in a directory with the mode %o, %s', async (mode, isSaid) => {
    const scenario = await openScenario();
    const path = freePath();
    chmodSync(dirname(path), mode);
    const said: string[] = [];
    const tell = (text: string) => said.push(text);
    await scenario.tryIssue({ also: [fileDestination({ path, force: false, render: () => 's', tell })] });
    expect(said.join()).toMatch(isSaid ? /^any user can replace files in / : /^$/);
  });

  it('removes what it created when a later destination fails', async () => {
    const scenario = await openScenario();
    const path = freePath();
    const broken = destinationAt(join(dirname(path), 'other'));
    const { fault } = await scenario.tryIssue({
      also: [
        destinationAt(path),
        { ...broken, replaces: false, deliver: () => Promise.reject(new Error('EIO')) },
      ],
    });
    expect(fault).toEqual(failure('undelivered'));
    expect([existsSync(path), await scenario.exists()]).toEqual([false, false]);
  });

  it('leaves in the file a secret that works, whatever a later destination does (--output FILE --force -- CMD)', async () => {
    const scenario = await openScenario();
    const path = freePath();
    const old = await scenario.issue();
    writeFileSync(path, `${old}\n`);
    const broken = destinationAt(join(dirname(path), 'other'));
    await scenario.tryRotate({
      also: [
        destinationAt(path, true),
        { ...broken, replaces: false, deliver: () => Promise.reject(new Error('EIO')) },
      ],
    });
    expect(await scenario.accepts(contents(path).trim())).toBe(true);
  });

  it('leaves a file that it replaced as it was when a later destination fails: contents, mode and owner', async () => {
    const scenario = await openScenario();
    const path = freePath();
    await scenario.issue();
    writeFileSync(path, 'the old one\n');
    chmodSync(path, 0o640);
    const broken = destinationAt(join(dirname(path), 'other'));
    const { fault } = await scenario.tryRotate({
      also: [
        destinationAt(path, true),
        { ...broken, replaces: false, deliver: () => Promise.reject(new Error('EIO')) },
      ],
    });
    expect(fault).toEqual(failure('undelivered'));
    expect([contents(path), (lstatSync(path).mode & 0o777).toString(8)]).toEqual(['the old one\n', '640']);
    expect(readdirSync(dirname(path))).toEqual(['key.env']);
  });

  it('replaces a file that a create left when it was killed', async () => {
    const scenario = await openScenario();
    const path = freePath();
    await scenario.tryIssue({ also: [destinationAt(path)], by: { diesAt: 'delivered' } });
    const lost = contents(path);
    const { fault, secret } = await scenario.tryIssue({ also: [destinationAt(path)] });
    expect([fault, contents(path)]).toEqual([null, `${secret}\n`]);
    expect([await scenario.accepts(lost.trim()), await scenario.accepts(secret)]).toEqual([false, true]);
  });

  it('does not take a file for left behind whose secret is in use, although nobody confirmed it', async () => {
    const scenario = await openScenario();
    const path = freePath();
    await scenario.issue();
    await scenario.tryRotate({ also: [destinationAt(path)], by: { diesAt: 'delivered' } });
    const held = contents(path);
    expect(await scenario.use(held.trim())).toMatchObject({ valid: true });
    const { fault } = await scenario.tryRotate({ also: [destinationAt(path)] });
    expect(fault).toEqual(failure('undelivered', /exists already/));
    expect(contents(path)).toBe(held);
  });
});
