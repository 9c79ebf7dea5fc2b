import { describe, expect, it } from 'vitest';
import { filePlace, otherPlace } from '../../../../src/domain/scan/report/entry.js';
import { alert, COMMIT, details, entriesOf } from './samples.js';

const atDetails = filePlace('example/secrets.txt', { line: 1, lastLine: 1, column: 2, commit: COMMIT });

describe("GitHub's alerts", () => {
  it('of the REST API have the secret, and one place or all of them', () => {
    expect(entriesOf([{ ...alert, first_location_detected: details, has_more_locations: true }])).toEqual([
      { place: atDetails, texts: ['s3cret'], withheld: false },
    ]);
    const issue = { type: 'issue_body', details: { issue_body_url: 'https://api.github.com/x/issues/1' } };
    const locations = [{ type: 'commit', details }, issue];
    expect(entriesOf([[{ ...alert, locations }], [alert]]).map(({ place }) => place)).toEqual([
      atDetails,
      otherPlace('https://api.github.com/x/issues/1'),
      otherPlace('https://github.com/owner/private-repo/security/secret-scanning/2'),
    ]);
  });

  it('with hidden secrets lead to the place', () => {
    const { secret, ...hidden } = { ...alert, first_location_detected: details };
    expect(entriesOf([hidden])).toEqual([{ place: atDetails, texts: [], withheld: true }]);
  });

  it('that come by webhook have a place or nothing', () => {
    const { secret, ...hidden } = alert;
    const event = { action: 'created', alert: hidden, repository: {}, sender: {} };
    expect(entriesOf({ ...event, location: { type: 'commit', details } })).toEqual([
      { place: atDetails, texts: [], withheld: true },
    ]);
    expect(entriesOf(event)).toEqual([{ place: otherPlace(alert.html_url), texts: [], withheld: true }]);
  });

  it('give their locations as a list', () => {
    const wiki = { ...details, page_url: 'https://github.com/o/r/wiki/Page' };
    const list = [
      { type: 'commit', details },
      { type: 'wiki_commit', details: wiki },
    ];
    expect(entriesOf(list)).toEqual([
      { place: atDetails, texts: [], withheld: true },
      { place: otherPlace('https://github.com/o/r/wiki/Page'), texts: [], withheld: true },
    ]);
  });

  it('for partners name an address', () => {
    const url = `https://github.com/octocat/Hello-World/blob/${COMMIT}/foo/bar.txt`;
    expect(entriesOf([{ token: 's3cret', type: 'acme_key', url, source: 'content' }])).toEqual([
      { place: { ...otherPlace(url), commit: COMMIT }, texts: ['s3cret'], withheld: false },
    ]);
    expect(entriesOf([{ token: 's3cret', type: 'acme_key', url: '', source: 'npm' }])[0]?.place).toEqual(
      otherPlace('npm'),
    );
  });
});
