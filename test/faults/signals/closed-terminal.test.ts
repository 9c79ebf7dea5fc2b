import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import { openTerminal, type PseudoTerminal } from '../../support/program/pseudo-terminal.js';
import { openSession, type Session } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { secretsIn } from '../../support/stores/store-probe.js';

interface Moment {
  readonly title: string;
  readonly command: string;
  /** What is seen and pressed until it comes. */
  readonly steps: readonly (readonly [see: string | RegExp, ...keys: string[]])[];
  readonly statuses: readonly number[];
  /** Whether the outcome of the delivery is unknown. */
  readonly isInDoubt?: true;
}

/** What the shell says of a program that is stopped. */
const STOPPED = /Stopped|Suspended/;

const CREATE = 'create newcomer --type api-key --scope data:users';

const TERMINATED = [143];

const MOMENTS: readonly Moment[] = [
  {
    title: 'a new secret is shown',
    command: CREATE,
    steps: [['Enter: it is stored']],
    statuses: TERMINATED,
  },
  {
    title: 'the next secret is shown',
    command: 'rotate ci-bot --now',
    steps: [['Enter: it is stored']],
    statuses: TERMINATED,
  },
  { title: 'the name is asked', command: 'create', steps: [['Name', 'b', 'o']], statuses: TERMINATED },
  { title: 'the type is asked', command: 'create bot', steps: [['Type', 'Down']], statuses: TERMINATED },
  {
    title: 'the scopes are asked',
    command: 'create bot --type api-key',
    steps: [['Scopes', 'Space']],
    statuses: TERMINATED,
  },
  {
    title: 'the owner is asked',
    command: 'create bot --type api-key',
    steps: [['Scopes', 'Space', 'Enter'], ['Owner']],
    statuses: TERMINATED,
  },
  {
    title: 'a form is filled in',
    command: 'edit ci-bot',
    steps: [
      ['Name', 'x', 'Enter'],
      ['Scopes', 'Enter'],
    ],
    statuses: TERMINATED,
  },
  {
    title: 'the name is typed before a deletion',
    command: 'delete ci-bot',
    steps: [['to confirm', 'c']],
    statuses: TERMINATED,
  },
  { title: 'a hidden secret is asked', command: 'verify', steps: [['Secret:', 'c']], statuses: TERMINATED },
  {
    title: 'a question stands on a terminal that only adds lines',
    command: 'delete ci-bot --no-color',
    steps: [['to confirm', 'c']],
    statuses: TERMINATED,
  },
  {
    title: 'a question waits for fg',
    command: 'delete ci-bot',
    steps: [['to confirm', 'c', 'C-z'], [STOPPED]],
    statuses: TERMINATED,
  },
  {
    title: 'a secret waits for fg',
    command: CREATE,
    steps: [['Enter: it is stored', 'C-z'], [STOPPED]],
    statuses: TERMINATED,
  },
  {
    title: 'a command has the new secret',
    command: "rotate ci-bot --now -- sh -c 'cat > target; echo begun; exec sleep 600'",
    steps: [['begun']],
    statuses: TERMINATED,
    isInDoubt: true,
  },
  {
    title: 'a command has the first of several secrets',
    command: "rotate --due --within 1d -- sh -c 'cat > target; echo begun; sleep 2'",
    steps: [['begun']],
    statuses: [0, 7, 143],
  },
  { title: 'a server serves', command: 'serve --port 0', steps: [['http://']], statuses: [0, 143] },
  {
    title: 'the output is yet to come',
    command: 'list --limit "5$(echo begun >&2; until [ -e closed ]; do sleep 0.1; done)"',
    steps: [['begun']],
    statuses: TERMINATED,
  },
];

/** Runs the command in a shell that outlives the terminal, and tells how it ended. */
function scene({ command, title }: Moment): string {
  const dumb = title.includes('only adds lines') ? 'TERM=dumb ' : '';
  return `ulimit -c unlimited || :
trap '' HUP
${dumb}credctl ${command}
echo $? > status.new
mv status.new status
`;
}

async function play(terminal: PseudoTerminal, { steps }: Moment): Promise<string> {
  await terminal.run('sh scene');
  for (const [seen, ...keys] of steps) {
    await terminal.see(seen);
    if (keys.length > 0) await terminal.press(...keys);
  }
  return terminal.joined();
}

/** Every credential, and what is left of its versions. */
async function live(session: Session): Promise<unknown> {
  const { credentials } = JSON.parse(await session.ok('list', '--json'));
  return credentials.map((credential: { name: string; revision: number; versions: { state: string }[] }) => [
    credential.name,
    credential.versions.map(({ state }) => state).filter((state) => state !== 'revoked'),
  ]);
}

describe('a terminal that is closed while', () => {
  it.each(MOMENTS)('$title ends credctl in order, without a core dump', async (moment) => {
    const session = await openSession();
    const { workspace } = session;
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    const earlier = await session.issue('ci-bot', '--rotate-every', '1s');
    await workspace.write('scene', scene(moment));
    const terminal = await openTerminal(workspace);
    const seen = await play(terminal, moment);
    await terminal.close();
    await workspace.write('closed', '');
    await until(() => existsSync(workspace.path('status')));
    expect(moment.statuses).toContain(Number(await workspace.read('status')));
    expect(readdirSync(workspace.directory).filter((name) => name.startsWith('core'))).toEqual([]);

    expect(await verdictOn(session, earlier)).toBe('valid');
    const taken = secretsIn(await workspace.read('target').catch(() => ''));
    if (moment.command.includes('--due')) {
      for (const secret of taken) expect(await verdictOn(session, secret)).toBe('valid');
      return;
    }
    const { isInDoubt = false } = moment;
    const expected = isInDoubt ? /^valid$/ : /^(deleted|version_retired)$/;
    for (const secret of [...secretsIn(seen), ...taken])
      expect(await verdictOn(session, secret)).toMatch(expected);
    expect(await live(session)).toEqual([['ci-bot', isInDoubt ? ['pending', 'current'] : ['current']]]);
  });
});
