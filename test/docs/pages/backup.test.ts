import { mkdirSync, rmSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { readPage } from '../../support/build/page.js';
import { openSession } from '../../support/program/run.js';

const GUIDE = readPage('docs/backup.md');

/** The commands of the guide's shell blocks, in their order. */
const BLOCKS = [...GUIDE.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);

describe('docs/backup.md', () => {
  it('has commands that work one after the other, as they stand', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    expect(BLOCKS.length).toBe(6);
    for (const block of BLOCKS) {
      if (!block.includes('--force') && !block.includes('--store') && block.includes('restore')) {
        rmSync(session.workspace.defaultStore);
      }
      const { exitCode, stderr } = await session.sh(`set -e\n${block}`);
      expect(exitCode, `${block}${stderr}`).toBe(0);
    }
    expect(await session.ok('list')).toContain('\tactive\t');
  });

  it('has a line for cron that works, and does not write over an earlier backup', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    mkdirSync(`${session.workspace.root}/backups`);
    const [, command = ''] = /^15 2 \* \* \* {2}(.*)$/m.exec(GUIDE) ?? [];
    // Cron takes the backslash away, and a bare percent sign as the end of the command.
    expect(command).not.toMatch(/(?<!\\)%/);
    const line = command.replaceAll('\\%', '%');
    expect(await session.sh(line)).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect((await session.sh(line)).exitCode).toBe(5);
    expect((await session.sh('ls ~/backups')).stdout).toMatch(/^credctl-\d{4}-\d\d-\d\d\.db\n$/);
  });

  it('has units that systemd takes, whose command works', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    mkdirSync(`${session.workspace.root}/backups`);
    const [service = '', timer = ''] = [...GUIDE.matchAll(/^```ini\n([\s\S]*?)^```$/gm)].map(
      ([, unit = '']) => unit,
    );
    await session.workspace.write('credctl-backup.service', service);
    await session.workspace.write('credctl-backup.timer', timer);
    const [, command = ''] = /^ExecStart=(.*)$/m.exec(service) ?? [];
    for (const _ of ['first night', 'the same night again']) {
      const { exitCode, stderr } = await session.sh(command.replaceAll('%%', '%'));
      expect(exitCode, stderr).toBe(0);
    }
    const units = ['credctl-backup.service', 'credctl-backup.timer'].map((name) =>
      session.workspace.path(name),
    );
    const checked = await execa('systemd-analyze', ['verify', '--user', '--man=no', ...units], {
      reject: false,
    });
    if (checked.code === 'ENOENT') {
      process.stderr.write('the units are not checked by systemd-analyze: not installed\n');
      return;
    }
    expect(checked.stderr).not.toMatch(/credctl-backup\.(service|timer):.*(Unknown|Invalid|Failed to parse)/);
  });
});
