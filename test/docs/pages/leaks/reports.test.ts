import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { alert, baseline, details, gitleaks, trufflehog } from '../../../domain/scan/report/samples.js';
import { exampleOf } from '../../../support/build/page.js';
import { openSession, type Session } from '../../../support/program/run.js';
import { standIn } from '../../../support/program/stand-in.js';
import { exitCodes, PAGE, repository } from './repository.js';

const REPORTS = exampleOf(PAGE, 'reports.sh');

/** What each scanner says of the secret that the repository had in settings.yaml, line 2. */
function reportsOf(secret: string, commit: string): Readonly<Record<string, unknown>> {
  const place = { File: 'settings.yaml', Commit: commit, StartLine: 2, EndLine: 2, StartColumn: 6 };
  const hash = createHash('sha1').update(secret).digest('hex');
  const entry = { type: 'credctl secret (cctl)', filename: 'now.yaml', hashed_secret: hash, line_number: 2 };
  const first = { ...details, path: 'settings.yaml', start_line: 2, end_line: 2, commit_sha: commit };
  const { secret: _, ...hidden } = alert;
  return {
    gitleaks: [{ ...gitleaks, ...place, RuleID: 'credctl-cctl', Secret: secret, Match: secret }],
    redacted: [{ ...gitleaks, ...place, RuleID: 'credctl-cctl', Secret: 'REDACTED', Match: 'REDACTED' }],
    trufflehog: { ...trufflehog('Filesystem', { file: 'now.yaml', line: 2 }), Raw: secret },
    'detect-secrets': { ...baseline, results: { 'now.yaml': [entry] } },
    gh: [{ ...hidden, first_location_detected: first }],
    located: { action: 'created', alert: hidden, location: { type: 'commit', details: first } },
    bare: { action: 'created', alert: hidden },
  };
}

/** A repository with a live secret in its history, and the reports about it. */
async function reported(session: Session) {
  const secret = await session.issue('web-shop');
  const git = await repository(session, secret);
  await session.workspace.write('now.yaml', `port: 80\nkey: ${secret}\n`);
  return reportsOf(secret, await git('rev-parse', 'HEAD~1'));
}

describe('the reports of other scanners', () => {
  it('lead to the store, in the commands of the page', async () => {
    const session = await openSession();
    const reports = await reported(session);
    for (const name of ['gitleaks', 'trufflehog', 'detect-secrets', 'gh']) {
      await session.workspace.write(`${name}.json`, JSON.stringify(reports[name]));
      // Scanners fail where they find something; gh has printed what it was asked for.
      await standIn(session, name, `cat ${name}.json; exit ${name === 'gh' ? 0 : 183}`);
    }
    expect(await exitCodes(session, REPORTS)).toEqual([10, 10, 10, 10]);
    await session.ok('deactivate', 'web-shop');
    expect(await exitCodes(session, REPORTS)).toEqual([0, 0, 0, 0]);
  });

  it.each([
    ['redacted', 10],
    ['located', 10],
    ['bare', 7],
  ])('without the secret are read where they lead: %s', async (name, code) => {
    const session = await openSession();
    const reports = await reported(session);
    const stdin = JSON.stringify(reports[name]);
    expect((await session.run(['scan', '--stdin'], { stdin })).exitCode).toBe(code);
  });
});
