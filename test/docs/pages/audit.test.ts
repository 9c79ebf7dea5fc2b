import { cpSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isInstalled } from '../../support/build/checker.js';
import { exampleOf } from '../../support/build/page.js';
import { openSession, type Session } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';

const PAGE = 'docs/audit.md';
const SERVICE = '/etc/systemd/system/credctl-audit.service';
const UNIT = exampleOf(PAGE, SERVICE);
const LOG = '/var/log/credctl/audit.jsonl';

/** The sequence numbers in the file of the service. */
async function shipped(session: Session): Promise<readonly number[]> {
  const text = await session.workspace.read('audit.jsonl').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { seq: number }).seq);
}

describe('docs/audit.md', () => {
  it.skipIf(!isInstalled('systemd-analyze', 'systemd'))(
    'has a unit that is in order for systemd',
    async () => {
      const session = await openSession();
      const root = session.workspace.path('root');
      cpSync('/lib/systemd/system', join(root, 'lib/systemd/system'), {
        recursive: true,
        verbatimSymlinks: true,
      });
      for (const [path, text] of [
        [SERVICE, UNIT],
        ['/usr/local/bin/credctl', '#!/bin/sh\n'],
        ['/bin/sh', '#!/bin/sh\n'],
      ] as const) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text, { mode: path === SERVICE ? 0o644 : 0o755 });
      }
      const verify = 'systemd-analyze verify --man=no --root=root credctl-audit.service';
      expect(await session.sh(verify)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    },
  );

  it('has a service that ships every event once, over a restart as well', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const [, start = ''] = /^ExecStart=(.*)$/m.exec(UNIT) ?? [];
    // systemd makes one dollar sign of two.
    const command = start.replaceAll('$$', () => '$').replace('/usr/local/bin/', '');
    const run = async (seen: number): Promise<void> => {
      const env = { LOGS_DIRECTORY: session.workspace.directory };
      const service = session.sh(`${command} & echo $! > pid; wait`, { env });
      await until(async () => (await shipped(session)).length === seen);
      await session.sh('kill "$(cat pid)"');
      await service;
    };
    await run(3);
    await session.ok('deactivate', 'ci-bot');
    await run(4);
    expect(await shipped(session)).toEqual([1, 2, 3, 4]);
    expect(statSync(session.workspace.path('audit.jsonl')).mode & 0o777).toBe(0o600);
  });

  it.skipIf(!isInstalled('logrotate', 'logrotate'))('has a rotation that logrotate takes', async () => {
    const session = await openSession();
    await session.workspace.write(
      'rotate.conf',
      exampleOf(PAGE, '/etc/logrotate.d/credctl').replace(/^ +su .*\n/m, ''),
    );
    const { exitCode, stderr } = await session.sh('logrotate --debug --state state rotate.conf');
    expect(exitCode, stderr).toBe(0);
    expect(stderr).not.toMatch(/error:/);
  });

  it('has receivers that read the file which the service writes', () => {
    expect(exampleOf(PAGE, '/etc/logrotate.d/credctl')).toContain(`${LOG} {\n`);
    const vector = parse(exampleOf(PAGE, 'vector.yaml'));
    expect(vector.sources.credctl.include).toEqual([LOG]);
    expect(vector.transforms.credctl_events.inputs).toEqual(Object.keys(vector.sources));
    const fluent = parse(exampleOf(PAGE, 'fluent-bit.yaml'));
    const [input] = fluent.pipeline.inputs;
    expect([input.path, input.parser]).toEqual([LOG, fluent.parsers[0].name]);
  });
});
