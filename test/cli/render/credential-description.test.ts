import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { describeCredential } from '../../../src/cli/render/description/credential.js';
import type { Credential } from '../../../src/domain/credential/credential.js';
import type { Version } from '../../../src/domain/credential/version.js';
import { aVersion } from '../../storage/fixtures.js';

const NOW = Date.UTC(2026, 10, 30, 12);
const [MINUTE, DAY] = [60_000, 86_400_000];

function version(number: number, change: Partial<Version>): Version {
  const createdAt = NOW - 40 * DAY;
  return aVersion({ id: `${number}`.repeat(12), number, createdAt, deliveredAt: createdAt, ...change });
}

const CREDENTIAL: Credential = {
  id: '01a22cf6-9941-7fb3-aa6d-49aa976bcb2c',
  name: 'web-shop',
  type: 'api-key',
  status: 'active',
  clientId: null,
  scopes: ['data:conversations', 'data:interactions', 'data:plugin-calls', 'data:users', 'events:messages'],
  owner: { id: 'o', name: 'crm', kind: 'service', status: 'active' },
  description: 'Reads users and conversations all day long for the shop, and never writes anything.',
  labels: new Map([
    ['team', 'shop'],
    ['tier', '1'],
  ]),
  createdAt: NOW - 40 * DAY,
  createdBy: 'root@host',
  updatedAt: NOW - 3 * DAY,
  revision: 2,
  expiresAt: NOW + 60 * DAY,
  rotateEvery: { text: '90d', ms: 90 * DAY },
  rotationDueAt: NOW + 50 * DAY,
  lastUsedAt: NOW - 5 * MINUTE,
  lastUsedFrom: '192.0.2.7',
  canary: false,
  versions: [
    version(3, { createdAt: NOW - DAY, lastUsedAt: NOW - 5 * MINUTE, lastUsedFrom: '192.0.2.7' }),
    version(2, { retiresAt: NOW + 6 * DAY, lastUsedAt: NOW - DAY, lastUsedFrom: '192.0.2.7' }),
    version(1, { revokedAt: NOW - 2 * DAY }),
  ],
};

function shown(columns: number, credential = CREDENTIAL): string {
  return describeCredential(credential, {
    prefix: 'cctl',
    now: NOW,
    columns,
    style: new Chalk({ level: 0 }),
  });
}

describe('a credential on a terminal', () => {
  it('has its identity, its access, its life and its versions', () => {
    expect(shown(100)).toBe(`\
status:       active
name:         web-shop
type:         api-key
id:           01a22cf6-9941-7fb3-aa6d-49aa976bcb2c
description:  Reads users and conversations all day long for the shop, and never writes anything.
labels:       team=shop, tier=1

owner:        crm (service, active)
scopes:       data:conversations, data:interactions, data:plugin-calls, data:users
              events:messages

created:      2026-10-21 12:00:00 UTC (40 days ago) by root@host
changed:      2026-11-27 12:00:00 UTC (3 days ago), revision 2
expires:      2027-01-29 12:00:00 UTC (in 2 months)
rotation:     every 90d, due 2027-01-19 12:00:00 UTC (in 50 days)
last used:    2026-11-30 11:55:00 UTC (5 minutes ago) from 192.0.2.7

versions:
  #  STATE     HANDLE                 CREATED      LAST USED      FROM
  3  current   cctl_key_333333333333  1 day ago    5 minutes ago  192.0.2.7
  2  retiring  cctl_key_222222222222  40 days ago  1 day ago      192.0.2.7
    works until 2026-12-06 12:00:00 UTC (in 6 days)
  1  revoked   cctl_key_111111111111  40 days ago  never          -
    revoked 2026-11-28 12:00:00 UTC (2 days ago)
`);
  });

  it.each([60, 80, 100])('fits %i columns, with every scope and handle whole', (columns) => {
    const lines = shown(columns).split('\n');
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(columns);
    const words = lines.flatMap((line) => line.split(/[ ,]+/));
    for (const scope of CREDENTIAL.scopes) expect(words).toContain(scope);
    for (const { id } of CREDENTIAL.versions) expect(words).toContain(`cctl_key_${id}`);
    expect(shown(columns)).toContain('192.0.2.7');
  });

  it('says below a version what its table has no room for', () => {
    expect(shown(60)).toContain(`\
  #  STATE     HANDLE                 LAST USED
  3  current   cctl_key_333333333333  5 minutes ago
    created 2026-11-29 12:00:00 UTC (1 day ago)
    last used from 192.0.2.7
`);
  });

  it('says what there is none of', () => {
    const text = shown(80, {
      ...CREDENTIAL,
      status: 'inactive',
      owner: null,
      description: null,
      labels: new Map(),
      expiresAt: null,
      rotateEvery: null,
      rotationDueAt: null,
      lastUsedAt: null,
      lastUsedFrom: null,
    });
    expect(text).toMatch(/^status: {5}inactive\n/);
    expect(text).not.toMatch(/description|labels/);
    for (const fact of ['owner:      none', 'expires:    never', 'last used:  never'])
      expect(text).toContain(fact);
  });
});
