import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openSession, parseErrorText, type Session } from '../../../support/program/run.js';
import { makeOverdue } from '../../../support/stores/overdue.js';

/** What a shell writes for a word with a byte of ISO 8859-1 in it. */
const CAFE = `"$(printf 'caf\\351')"`;

const KEY = 'x --type api-key --scope data:users';

/** Command lines with such a word, wherever one may stand. */
const COMMANDS: readonly string[] = [
  `create y --type api-key --scope data:users --output ${CAFE}`,
  `create y --type api-key --scope data:users --output=${CAFE}`,
  `create y --type api-key --scope data:users -q --store ${CAFE}.db`,
  `create y --type api-key --scope data:users -q --description ${CAFE}`,
  `create y --type api-key --scope data:users -q --label city=${CAFE}`,
  `create y --type api-key --scope data:users -q --owner ${CAFE}`,
  `create y --type api-key --scope data:users -q --reason ${CAFE}`,
  `create ${CAFE} --type api-key --scope data:users -q`,
  `create y --type api-key --scope data:users -- sh -c "cat > "${CAFE}`,
  `create y --type api-key --scope data:users -- ./${CAFE}`,
  `rotate x --now -- sh -c 'cat > "$1"' sh ${CAFE}`,
  `rotate --due --within 9d -- tee ${CAFE}`,
  `rotate --due --output-dir ${CAFE}`,
  `run x -- echo ${CAFE}`,
  `edit x --description ${CAFE}`,
  `owner create ${CAFE} --kind service`,
  `store backup ${CAFE}`,
  `store restore ${CAFE} --force --yes`,
  `store copy --to ${CAFE}`,
  `store init --store ${CAFE}`,
  `catalog apply -f ${CAFE} --yes`,
  `list --search ${CAFE}`,
  `audit --target ${CAFE}`,
  `serve --store ${CAFE}`,
  CAFE,
];

/** Names of files, byte for byte. */
function namesIn(directory: string): readonly string[] {
  return readdirSync(directory, 'buffer')
    .map((name) => name.toString('latin1'))
    .sort();
}

async function openWithKey(): Promise<Session> {
  const session = await openSession();
  await session.ok('create', 'x', '--type', 'api-key', '--scope', 'data:users', '--output', 'x.key');
  return session;
}

describe('bytes that are no UTF-8', () => {
  it('among the arguments are exit 2, and nothing is changed', async () => {
    const session = await openWithKey();
    const before = await session.ok('audit', '--json');
    for (const command of COMMANDS) {
      const { exitCode, stdout, stderr } = await session.sh(`credctl ${command}`);
      expect(exitCode, `${command}: ${stderr}`).toBe(2);
      expect(stdout).toBe('');
      const { message, hint } = parseErrorText(stderr);
      expect(message).toMatch(/^argument \d+ \(".*caf�.*"\) is not valid UTF-8$/);
      expect(hint).toContain('U+FFFD');
    }
    expect(namesIn(session.workspace.directory)).toEqual(['x.key']);
    expect(await session.ok('audit', '--json')).toBe(before);
  });

  it('in a variable that names a place are exit 2, and the variable or the place is named', async () => {
    const session = await openSession();
    const { root } = session.workspace;
    for (const [settings, named] of [
      [`CREDCTL_STORE=${CAFE}`, 'CREDCTL_STORE'],
      [`XDG_DATA_HOME=${root}/${CAFE}`, 'the default store'],
      [`XDG_CONFIG_HOME=${root}/${CAFE}`, 'the configuration file'],
      [`HOME=${root}/${CAFE} XDG_CONFIG_HOME= XDG_DATA_HOME=`, 'the configuration file'],
      [`CREDCTL_STORE=postgres://127.0.0.1:1/team PGUSER=${CAFE}`, 'the user'],
      [`CREDCTL_STORE=postgres://o@127.0.0.1:1/%E9`, 'malformed'],
    ]) {
      const { exitCode, stderr } = await session.sh(`${settings} credctl create ${KEY} -q`);
      expect(exitCode, `${settings}: ${stderr}`).toBe(2);
      expect(parseErrorText(stderr).message).toContain(named);
    }
    expect(namesIn(root)).toEqual(['bin', 'config', 'work']);
    expect(namesIn(session.workspace.directory)).toEqual([]);
  });

  it('in the name of the working directory are exit 2 for what would be relative to it', async () => {
    const session = await openWithKey();
    const inside = (command: string) => session.sh(`mkdir -p ${CAFE} && cd ${CAFE} && credctl ${command}`);
    for (const command of [
      'store init --store team.db',
      `create y --type api-key --scope data:users --output y.key`,
      'rotate x --now --output x.key',
      'store backup b.db',
      'store copy --to c.db',
    ]) {
      const { exitCode, stderr } = await inside(command);
      expect(exitCode, `${command}: ${stderr}`).toBe(2);
      expect(parseErrorText(stderr).message).toBe('the path of the working directory is not valid UTF-8');
    }
    expect((await inside('list')).exitCode).toBe(0);
    expect((await inside(`rotate x --output ${session.workspace.path('y.key')}`)).exitCode).toBe(0);
    expect(namesIn(session.workspace.directory)).toEqual(['caf\xe9', 'x.key', 'y.key']);
  });

  it('in a catalog are exit 2 with its line', async () => {
    const session = await openSession();
    const catalog = Buffer.from('name: x\napis: [] # caf\xe9\n', 'latin1');
    await session.workspace.write('catalog.yaml', catalog);
    const fromFile = await session.refused(2, ['catalog', 'apply', '-f', 'catalog.yaml', '--yes']);
    expect(fromFile.message).toBe('"catalog.yaml" (line 2) is not valid UTF-8');
    const fromInput = await session.refused(2, ['catalog', 'apply', '-f', '-', '--yes'], { stdin: catalog });
    expect(fromInput.message).toBe('standard input (line 2) is not valid UTF-8');
  });

  it('in a variable that is of no concern to credctl are in the way of nothing', async () => {
    const session = await openWithKey();
    const { exitCode, stderr } = await session.sh(`CITY=${CAFE} credctl list`);
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
  });

  it.each(['rotate x --now', 'create y --type api-key --scope data:users'])(
    'in a variable are not handed on to a command, which is said: %s',
    async (command) => {
      const session = await openWithKey();
      const report = `printf "%s" "\${CITY-unset} $TOWN" > report`;
      const started = `CITY=${CAFE} TOWN=Zürich PATH="$PATH":/opt/${CAFE} credctl ${command}`;
      const { exitCode, stderr } = await session.sh(`${started} -- sh -c '${report}'`);
      expect(exitCode, stderr).toBe(0);
      expect(stderr).toContain('note: the command does not get the variable "CITY": not valid UTF-8\n');
      expect(stderr).toContain('note: the command does not get some directories of PATH: not valid UTF-8\n');
      expect(await session.workspace.read('report')).toBe('unset Zürich');
    },
  );

  it('in a variable are said once a night, however many are rotated', async () => {
    const session = await openWithKey();
    for (const name of ['a', 'b']) await session.issue(name, '--rotate-every', '1d');
    makeOverdue(session.workspace.defaultStore);
    const { stderr } = await session.sh(`CITY=${CAFE} credctl rotate --due -- sh -c 'cat > /dev/null'`);
    expect(stderr.split('\n')).toEqual([
      'note: the command does not get the variable "CITY": not valid UTF-8',
      '2 rotated, 0 failed, 0 skipped',
      '',
    ]);
  });

  it('in a variable that the command needs make it fail, and the earlier secret stays', async () => {
    const session = await openWithKey();
    const { exitCode } = await session.sh(
      `TARGET=${CAFE} credctl rotate x --now -- sh -c 'cat > "\${TARGET:?}"'`,
    );
    expect(exitCode).toBe(6);
    expect(namesIn(session.workspace.directory)).toEqual(['x.key']);
    expect((await session.sh('credctl verify < x.key')).exitCode).toBe(0);
  });
});
