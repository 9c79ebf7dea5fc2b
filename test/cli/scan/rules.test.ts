import { describe, expect, it } from 'vitest';
import { scanRulesCommand } from '../../../src/cli/commands/scan/rules.js';
import { RULES } from '../../../src/domain/scan/rules/rules.js';
import { openSession } from '../../support/program/run.js';
import { printed } from './printed.js';

const rules = (env: Readonly<Record<string, string | undefined>>, ...args: readonly string[]) =>
  printed(scanRulesCommand, args, env);

describe('scan rules', () => {
  it("prints a rule for the store's prefix", async () => {
    const session = await openSession();
    await session.ok('store', 'init', '--prefix', 'acme');
    expect(await rules(session.workspace.env, '--format', 'gitleaks')).toEqual({
      out: RULES.gitleaks('acme'),
      err: '',
      fault: null,
    });
  });

  it('takes another prefix, and then needs no store', async () => {
    const nowhere = { CREDCTL_STORE: '/nowhere/at/all.db' };
    const { out, err } = await rules(nowhere, '--format', 'secretlint', '--prefix', 'other');
    expect([out, err]).toEqual([RULES.secretlint('other'), '']);
    expect((await rules(nowhere, '--format', 'secretlint')).fault?.code).toBe('store_unavailable');
  });

  it('is for the default prefix where there is no store, and says so', async () => {
    const session = await openSession();
    const { out, err } = await rules(session.workspace.env, '--format', 'github');
    expect(out).toBe(RULES.github('cctl'));
    expect(err).toBe('note: there is no store yet; this is for the prefix cctl, or give --prefix\n');
    expect((await rules(session.workspace.env, '--format', 'github', '-q')).err).toBe('');
  });

  it('prints a document', async () => {
    const { out } = await rules({}, '--format', 'trufflehog', '--prefix', 'acme', '--json');
    expect(JSON.parse(out)).toEqual({
      schema_version: 1,
      format: 'trufflehog',
      prefix: 'acme',
      expression: 'acme_(?:key|sec|tok)_[0-9A-Za-z]{61}',
      rules: RULES.trufflehog('acme'),
    });
  });

  it('refuses what is no scanner and no prefix', async () => {
    const without = (await rules({})).fault;
    expect(without?.message).toBe('scan rules needs the name of a scanner');
    expect(without?.hint).toContain('gitleaks, trufflehog, detect-secrets, secretlint, github');
    expect((await rules({}, '--format', 'gitleeks')).fault?.hint).toMatch(/^did you mean gitleaks\?/);
    const wrong = (await rules({}, '--format', 'github', '--prefix', 'A-b')).fault;
    expect(wrong?.code).toBe('usage');
  });
});
