import { chmod } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exampleOf } from '../../support/build/page.js';
import {
  describeWithKeyring,
  type UnlockedKeyring,
  unlockedKeyring,
} from '../../support/keychain/unlocked-keyring.js';
import { openSession } from '../../support/program/run.js';
import { standIn } from '../../support/program/stand-in.js';

describeWithKeyring('docs/keychain.md', () => {
  let keyring: UnlockedKeyring;

  beforeAll(async () => {
    keyring = await unlockedKeyring();
  });

  afterAll(() => keyring.stop());

  it('has commands that save a secret, and start programs with it', async () => {
    const session = await openSession({ env: keyring.env });
    const saved = await session.sh(`set -e\n${exampleOf('docs/keychain.md', 'save.sh')}`);
    expect(saved.stderr).toContain('created API key ci-bot');
    expect(saved.stdout).toBe(
      'NAME\tVERSION\tSTATE\nci-bot\t1\tcurrent\nvalid: ci-bot, version 1, data:users\n',
    );
    await session.ok('create', 'crm-sync', '--scope', 'data:users', '--keychain', '--no-print');
    await session.workspace.write('deploy.sh', '#!/bin/sh\nprintf %s "$CI_BOT_API_KEY" | wc -c\n');
    await chmod(session.workspace.path('deploy.sh'), 0o755);
    await standIn(session, 'npm', 'echo "$* $TOKEN $CRM_CLIENT_ID $CRM_CLIENT_SECRET" | wc -c');
    const ran = await session.sh(`set -e\n${exampleOf('docs/keychain.md', 'run.sh')}`);
    expect(ran).toEqual({ exitCode: 0, stdout: '70\n172\n', stderr: '' });
  });
});
