import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';

/** What would answer any question, were one asked. */
const ANSWERS = 'y\nyes\nci-bot\ncrm\n';

/** What asks on a terminal, and the flag or argument that answers in advance. */
const QUESTIONS: readonly (readonly [args: readonly string[], named: RegExp])[] = [
  [['create'], /\bname\b/],
  [['create', 'other'], /--scope/],
  [['delete', 'ci-bot'], /--yes/],
  [['owner', 'delete', 'crm'], /--yes/],
  [['catalog', 'use', 'mparticle', '--store', 'fresh.db'], /--yes/],
  [['catalog', 'apply', '-f', 'catalog.json', '--store', 'fresh.db'], /--yes/],
  [['owner', 'create', 'other'], /--kind/],
  [['owner', 'edit', 'crm'], /--name/],
  [['catalog', 'apply'], /--file/],
];

describe('without a terminal nothing prompts', () => {
  it.each(QUESTIONS)('%j is exit 2 and names what is missing', async (args, named) => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await session.workspace.write('catalog.json', '{"name":"other","apis":[]}');
    const before = await session.ok('audit');
    for (const flags of [[], ['--no-input']]) {
      const { message, hint } = await session.refused(2, [...args, ...flags], { stdin: ANSWERS });
      expect(`${message} ${hint}`).toMatch(named);
    }
    expect(await session.ok('audit'), 'nothing was changed').toBe(before);
  });

  it('--yes answers in advance', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await session.ok('delete', 'ci-bot', '--yes');
    await session.ok('owner', 'delete', 'crm', '-y');
    await session.ok('catalog', 'use', 'mparticle', '--no-input', '--yes');
  });

  it.each([[[]], [['--json']]])(
    'a change of the catalog that is refused leaves stdout empty %j',
    async (flags) => {
      const session = await openSession();
      const { exitCode, stdout } = await session.run(['catalog', 'use', 'mparticle', ...flags]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect((await session.sh(`test -e '${session.workspace.dataHome}'`)).exitCode).toBe(1);
    },
  );
});
