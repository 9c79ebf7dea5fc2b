import type { ReportEntry } from '../../../../src/domain/scan/report/entry.js';
import { readReport } from '../../../../src/domain/scan/report/report.js';

/** A commit. */
export const COMMIT = '12345600b9cbe38a219f39a9941c9319b600c002';

/** What documents are read as, which must be a report. */
export const entriesOf = (...documents: readonly unknown[]): readonly ReportEntry[] => {
  const reading = readReport(documents.map((each) => JSON.stringify(each, null, 1)).join('\n'));
  if (reading.kind !== 'report') throw new Error(reading.kind);
  return reading.entries;
};

/** As gitleaks 8 writes it. */
export const gitleaks = {
  RuleID: 'generic-api-key',
  Description: 'Detected a Generic API Key',
  StartLine: 20,
  EndLine: 20,
  StartColumn: 5,
  EndColumn: 60,
  Match: 'key = "s3cret"',
  Secret: 's3cret',
  File: 'cmd/main.go',
  SymlinkFile: '',
  Commit: COMMIT,
  Entropy: 4.1,
  Author: 'A',
  Email: 'a@example.com',
  Date: '2026-01-02T03:04:05Z',
  Message: 'add it',
  Tags: [],
  Fingerprint: `${COMMIT}:cmd/main.go:generic-api-key:20`,
};

/** As trufflehog 3 writes a line with `--json`. */
export const trufflehog = (source: string, details: unknown) => ({
  SourceMetadata: { Data: { [source]: details } },
  SourceID: 1,
  SourceType: 16,
  SourceName: 'trufflehog - git',
  DetectorType: 15,
  DetectorName: 'CustomRegex',
  DecoderName: 'PLAIN',
  Verified: false,
  Raw: 's3cret',
  RawV2: '',
  Redacted: '',
  ExtraData: null,
  StructuredData: null,
});

/** As detect-secrets 1.5 writes it. */
export const baseline = {
  version: '1.5.0',
  plugins_used: [{ name: 'AWSKeyDetector' }, { name: 'Base64HighEntropyString', limit: 4.5 }],
  filters_used: [{ path: 'detect_secrets.filters.allowlist.is_line_allowlisted' }],
  results: {
    'config/app.env': [
      {
        type: 'Base64 High Entropy String',
        filename: 'config/app.env',
        hashed_secret: 'dd7c0356e7bfc571546237209d7fa15319e25cfa',
        is_verified: false,
        line_number: 3,
      },
    ],
    'old.txt': [{ type: 'Secret Keyword', hashed_secret: '0'.repeat(40), is_verified: false }],
  },
  generated_at: '2026-11-08T16:55:15Z',
};

/** Of a location of the type `commit`, as GitHub's REST API has it. */
export const details = {
  path: '/example/secrets.txt',
  start_line: 1,
  end_line: 1,
  start_column: 2,
  end_column: 64,
  blob_sha: 'af5626b4a114abcb82d63db7c8082c3c4756e51b',
  blob_url: 'https://api.github.com/repos/octocat/hello-world/git/blobs/af5626b4',
  commit_sha: COMMIT,
  commit_url: `https://api.github.com/repos/octocat/hello-world/git/commits/${COMMIT}`,
};

/** As GitHub's REST API lists it. */
export const alert = {
  number: 2,
  created_at: '2026-11-06T18:18:30Z',
  url: 'https://api.github.com/repos/owner/private-repo/secret-scanning/alerts/2',
  html_url: 'https://github.com/owner/private-repo/security/secret-scanning/2',
  locations_url: 'https://api.github.com/repos/owner/private-repo/secret-scanning/alerts/2/locations',
  state: 'open',
  resolution: null,
  secret_type: 'acme_secret',
  secret_type_display_name: 'Acme secret',
  secret: 's3cret',
};
