import { chmod, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import type { Session } from '../../support/program/run.js';
import { expectNoTraceOf, names, secretShown, sitDown } from './seated.js';

const CREATE = 'credctl create ci-bot --type api-key --scope data:users';

/** Puts a program on the session's path. */
async function install(session: Session, name: string, script: string): Promise<void> {
  const path = join(session.workspace.root, 'bin', name);
  await mkdir(join(session.workspace.root, 'bin'), { recursive: true });
  await session.workspace.write(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

describe('f saves the secret to a file', () => {
  it('that is new and private, and the secret still has to be confirmed', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run(CREATE);
    const secret = await secretShown(terminal);
    await terminal.press('f');
    await terminal.see('File (the bare API key): _');
    await terminal.type('wrong');
    await terminal.press('C-u');
    await terminal.type('ci-bot.keyy');
    await terminal.press('BSpace', 'Enter');
    await terminal.see('saved to "ci-bot.key"');
    expect(await session.workspace.read('ci-bot.key')).toBe(`${secret}\n`);
    expect((await stat(session.workspace.path('ci-bot.key'))).mode & 0o777).toBe(0o600);
    expect(await session.ok('show', 'ci-bot')).toContain('pending');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.screen()).toContain('saved to "ci-bot.key"');
    await expectNoTraceOf(secret, terminal);
    expect(await verdictOn(session, secret)).toBe('valid');
  });

  it('and never over another one, or through a link', async () => {
    const { session, terminal } = await sitDown();
    await session.sh('echo mine > there; ln -s elsewhere link');
    await terminal.run(CREATE);
    await secretShown(terminal);
    for (const [path, problem] of [
      ['there', 'already'],
      ['link', 'is a symbolic link'],
      ['no/where', 'not done'],
      ['caf\ufffd', 'is not valid UTF-8'],
    ] as const) {
      await terminal.press('f');
      await terminal.see('File (the bare API key): _');
      await terminal.type(path);
      await terminal.press('Enter');
      await terminal.see(problem);
    }
    await terminal.press('f');
    await terminal.see('File (the bare API key): _');
    await terminal.press('Enter');
    await terminal.see('Enter: it is stored');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect((await session.sh('cat there; ls elsewhere')).stdout).toBe('mine\n');
  });

  it('which is removed when the secret is revoked after all', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run(CREATE);
    await secretShown(terminal);
    await terminal.press('f');
    await terminal.type('~/saved');
    await terminal.press('Enter');
    await terminal.see('saved to');
    expect((await session.sh('test -f ~/saved')).exitCode).toBe(0);
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    expect((await session.sh('test -e ~/saved')).exitCode).toBe(1);
    expect(await names(session)).toEqual([]);
  });

  it('unless Ctrl-C is pressed at its question', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run(CREATE);
    await secretShown(terminal);
    await terminal.press('f');
    await terminal.see('File (the bare API key): _');
    await terminal.type('saved');
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    expect((await session.sh('test -e saved')).exitCode).toBe(1);
    expect(await names(session)).toEqual([]);
  });
});

describe('c copies the secret', () => {
  it('through the standard input of a program, never its arguments or environment', async () => {
    const { session, terminal } = await sitDown();
    await install(session, 'xclip', 'cat > copied; { echo "$@"; env; } > told');
    await terminal.run(CREATE);
    const secret = await secretShown(terminal);
    await terminal.press('c');
    await terminal.see('copied with xclip');
    expect(await session.workspace.read('copied')).toBe(secret);
    expect(await session.workspace.read('told')).not.toContain(secret.slice(-40));
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    await expectNoTraceOf(secret, terminal);
  });

  it('with the next program when one fails, or stays in the background', async () => {
    const { session, terminal } = await sitDown();
    await install(session, 'wl-copy', 'exit 1');
    await install(session, 'xclip', 'cat > copied; sleep 30 &');
    await terminal.run('credctl create crm --scope data:users');
    const secret = await secretShown(terminal);
    await terminal.press('c');
    await terminal.see('copied with xclip');
    expect(await session.workspace.read('copied')).toBe(secret);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
  });

  it('or says that there is no clipboard', async () => {
    const { session, terminal } = await sitDown({ columns: 120 });
    for (const name of ['wl-copy', 'xclip', 'xsel', 'pbcopy', 'clip.exe'])
      await install(session, name, 'exit 1');
    await terminal.run(CREATE);
    await secretShown(terminal);
    await terminal.press('c');
    await terminal.see('no clipboard');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
  });
});
