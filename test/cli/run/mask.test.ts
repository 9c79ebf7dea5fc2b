import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  describeWithKeyring,
  type UnlockedKeyring,
  unlockedKeyring,
} from '../../support/keychain/unlocked-keyring.js';
import { startProgram } from '../../support/program/running-program.js';
import { type KeptSession, openKept, shell } from './kept.js';

describeWithKeyring('credctl run --mask', () => {
  let keyring: UnlockedKeyring;
  let session: KeptSession;

  beforeAll(async () => {
    keyring = await unlockedKeyring();
  });

  beforeEach(async () => {
    session = await openKept(keyring);
    await session.keep('ci-bot');
  });

  afterAll(() => keyring.stop());

  const masked = (script: string, ...names: readonly string[]) =>
    session.run(['run', ...(names.length > 0 ? names : ['ci-bot=KEY']), '--mask', ...shell(script)]);

  it('hides the secret on both streams, however often, and nothing else', async () => {
    const { stdout, stderr } = await masked(
      'echo "a $KEY$KEY b"; echo "c $KEY" >&2; echo "$(printf %.69s "$KEY")!"',
    );
    expect(stdout).toMatch(/^a \*\*\*\*\*\* b\ncctl_key_\w{60}!\n$/);
    expect(stderr).toBe('c ***\n');
  });

  it('hides a secret that is written in pieces', async () => {
    const piecewise = 'for n in 1 2 3; do sleep 0.1; printf %s "$1"; shift; done';
    const { stdout } = await masked(
      `rest=\${KEY#?????????????????????????}; set -- "\${KEY%"$rest"}" "$rest" "|"; ${piecewise}`,
    );
    expect(stdout).toBe('***|');
    const bytewise = 'printf %s "$KEY" | while IFS= read -r -n 1 c; do printf %s "$c"; done; echo';
    const bytes = await session.run(['run', 'ci-bot=KEY', '--mask', '--', 'bash', '-c', bytewise]);
    expect(bytes.stdout).toBe('***\n');
  });

  it('hides what is secret of an OAuth client, and shows its id', async () => {
    const { id } = await session.keepClient('crm');
    const show =
      'echo "$C_CLIENT_ID $C_CLIENT_SECRET"; printf %s:%s "$C_CLIENT_ID" "$C_CLIENT_SECRET" | base64 -w 0';
    const { stdout } = await masked(show, 'crm=C');
    const [plain, header = ''] = stdout.split('\n');
    expect(plain).toBe(`${id} ***`);
    expect(header).toContain('***');
    expect(Buffer.from(header.split('***')[0] ?? '', 'base64').toString()).toContain(id);
    expect(header.split('***')[1]?.length).toBeLessThanOrEqual(4);
  });

  it('hides several secrets at once', async () => {
    await session.keep('other');
    const { stdout } = await masked('echo "$KEY/$OTHER_API_KEY"', 'ci-bot=KEY', 'other');
    expect(stdout).toBe('***/***\n');
  });

  it('shows at once what cannot be a secret: a prompt without a newline', async () => {
    const ask = 'printf "Password: "; read answer; echo "it is $answer"';
    const program = startProgram(session, ['run', 'ci-bot', '--mask', ...shell(ask)]);
    await program.see('Password: ');
    program.type('open sesame\n');
    await program.see('it is open sesame\n');
    expect(await program.ended()).toBe(0);
  });

  it('leaves megabytes of any bytes as they are', async () => {
    await session.sh('head -c 5000000 /dev/urandom > bytes');
    const through = 'credctl run ci-bot --mask -- cat bytes | cmp - bytes';
    const aside = "credctl run ci-bot --mask -- sh -c 'cat bytes >&2' 2>&1 > /dev/null | cmp - bytes";
    for (const script of [through, aside]) {
      expect(await session.sh(script)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    }
  });

  it('finds every secret in megabytes', async () => {
    const print = 'i=0; while [ $i -lt 20000 ]; do echo "$i $KEY"; i=$((i+1)); done';
    const { stdout } = await masked(print);
    const expected = Array.from({ length: 20_000 }, (_, index) => `${index} ***\n`).join('');
    expect(stdout === expected).toBe(true);
  });

  it('ends like any filter when its reader goes away or the disk is full', async () => {
    const gone = await session.sh('{ credctl run ci-bot --mask -- yes; echo $? > code; } | head -n 1');
    expect(gone).toEqual({ exitCode: 0, stdout: 'y\n', stderr: '' });
    expect(await session.workspace.read('code')).toBe('141\n');
    const full = await session.sh('credctl run ci-bot --mask -- echo text > /dev/full');
    expect(full.exitCode).toBe(8);
    expect(full.stderr).toMatch(/^credctl: .*could not be written \(ENOSPC\)\nhint: .*\n$/);
  });

  it('gives the program real pipes, which it can open by their names', async () => {
    const { stdout, stderr } = await masked(
      'echo "$KEY" > /dev/stdout; echo "e $KEY" | tee /dev/stderr > /dev/null',
    );
    expect([stdout, stderr]).toEqual(['***\n', 'e ***\n']);
  });

  it('leaves no temporary file behind', async () => {
    await session.sh('mkdir tmp; TMPDIR=$PWD/tmp credctl run ci-bot --mask -- ls -A tmp > seen');
    expect((await session.sh('cat seen; ls -A tmp')).stdout).toBe('');
  });

  it('works without a directory for temporary files', async () => {
    const env = { TMPDIR: '/no/such/directory' };
    const run = ['run', 'ci-bot=KEY', '--mask', ...shell('echo "$KEY"; exit 3')];
    expect(await session.run(run, { env })).toEqual({ exitCode: 3, stdout: '***\n', stderr: '' });
  });

  it('hides a secret at which the output breaks off', async () => {
    const { stdout } = await masked('printf "x %.50s" "$KEY"');
    expect(stdout).toBe('x ***');
  });

  it('changes nothing without the flag', async () => {
    const { stdout } = await session.run(['run', 'ci-bot=KEY', ...shell('echo "$KEY"')]);
    expect(stdout).toMatch(/^cctl_key_\w{61}\n$/);
  });
});
