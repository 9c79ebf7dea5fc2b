import { describe, expect, it } from 'vitest';
import { filePlace, otherPlace } from '../../../../src/domain/scan/report/entry.js';
import { readReport } from '../../../../src/domain/scan/report/report.js';
import { alert, baseline, COMMIT, entriesOf, gitleaks, trufflehog } from './samples.js';

const scannersOf = (document: unknown) => {
  const reading = readReport(JSON.stringify(document));
  return reading.kind === 'report' ? reading.scanners : [];
};

describe('a report of gitleaks', () => {
  it('tells secret and place', () => {
    const place = filePlace('cmd/main.go', { line: 20, lastLine: 20, column: 5, commit: COMMIT });
    expect(entriesOf([gitleaks])).toEqual([{ place, texts: ['s3cret', 'key = "s3cret"'], withheld: false }]);
  });

  it.each(['REDACTED', 's3cr...', ''])('that is redacted as %j leads to the place', (Secret) => {
    expect(entriesOf([{ ...gitleaks, Secret, Commit: '' }])).toEqual([
      expect.objectContaining({ withheld: true, place: expect.objectContaining({ line: 20, commit: null }) }),
    ]);
  });

  it('may be of standard input, which is no file', () => {
    expect(entriesOf([{ ...gitleaks, File: '' }])[0]?.place).toBeNull();
  });
});

describe('a report of trufflehog', () => {
  it('is a line for each secret, with a place by source', () => {
    const git = { commit: COMMIT, file: 'a.txt', email: 'a@example.com', repository: 'https://x', line: 4 };
    const lines = [
      trufflehog('Git', git),
      trufflehog('Filesystem', { file: '/srv/app/b.txt', line: 7 }),
      trufflehog('S3', { bucket: 'b', file: 'c.txt', link: 'https://b.s3.amazonaws.com/c.txt' }),
      trufflehog('Jira', { issue: 'X-1', link: 'https://jira.example.com/X-1' }),
      trufflehog('Stdin', {}),
    ];
    expect(entriesOf(...lines).map(({ place }) => place)).toEqual([
      filePlace('a.txt', { line: 4, commit: COMMIT }),
      filePlace('/srv/app/b.txt', { line: 7 }),
      otherPlace('c.txt'),
      otherPlace('https://jira.example.com/X-1'),
      otherPlace('Stdin'),
    ]);
    expect(entriesOf(...lines).every(({ texts }) => texts[0] === 's3cret')).toBe(true);
  });

  it('may stand among lines of its log, which are searched as text', () => {
    const log = { level: 'info-0', msg: 'running source', version: '3.90.0' };
    const entries = entriesOf(log, trufflehog('Stdin', {}));
    expect(entries).toHaveLength(2);
    expect(entries[0]).toEqual({
      place: null,
      texts: ['level\ninfo-0\nmsg\nrunning source\nversion\n3.90.0'],
      withheld: false,
    });
  });
});

describe('a baseline of detect-secrets', () => {
  it('leads to the places, by line and hash', () => {
    expect(entriesOf(baseline)).toEqual([
      {
        place: filePlace('config/app.env', { line: 3, sha1: 'dd7c0356e7bfc571546237209d7fa15319e25cfa' }),
        texts: [],
        withheld: true,
      },
      { place: filePlace('old.txt', { sha1: '0'.repeat(40) }), texts: [], withheld: true },
    ]);
  });
});

describe('any other text', () => {
  it.each([
    '{"name": "app", "token": "s3cret"}',
    '[]',
    '{}',
    '[[[1]]]',
    '[{"token": "a", "type": "b", "url": "c", "other": "s3cret"}]',
    '{"type": "error", "details": {"path": "/etc/passwd"}}',
    '{"number": 1, "title": "an issue"}',
    '[default]\naws_secret_access_key = x\n',
    '{ echo "x"; }',
    '{"a": 1}\n{"b": 2}\n',
  ])('is read as text: %j', (text) => {
    expect(readReport(text)).toEqual({ kind: 'text' });
  });

  it.each([gitleaks, trufflehog('Stdin', {}), baseline, alert, { action: 'created', alert }])(
    'is no report with one member less: %#',
    (document) => {
      expect(scannersOf([document])).toHaveLength(1);
      const {
        RuleID,
        SourceMetadata,
        plugins_used,
        secret_type,
        alert: gone,
        ...less
      } = {
        ...{ RuleID: 0, SourceMetadata: 0, plugins_used: 0, secret_type: 0, alert: 0 },
        ...document,
      };
      expect(scannersOf([less])).toEqual([]);
    },
  );
});

describe('a report that breaks off', () => {
  it('is told with its line', () => {
    const text = JSON.stringify([gitleaks, gitleaks], null, 1);
    const cut = text.slice(0, text.indexOf('"Secret"'));
    expect(readReport(cut)).toEqual({ kind: 'broken', line: cut.split('\n').length });
    const lines = `${JSON.stringify(trufflehog('Stdin', {}))}\n`;
    expect(readReport(`${lines}${lines}${lines.slice(0, 40)}`)).toEqual({ kind: 'broken', line: 3 });
  });

  it('or is damaged inside is told as well', () => {
    const text = JSON.stringify([gitleaks], null, 1).replace('"Match"', 'Match');
    expect(readReport(text)).toEqual({ kind: 'broken', line: 9 });
  });
});
