import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../src/domain/credential/credential.js';
import { isStoppedByOwner, whyStopped } from '../../../src/domain/credential/stopped.js';
import { aNewCredential, anOwner, aVersion } from '../../storage/fixtures.js';
import { START } from '../../support/dependencies/fixed-clock.js';

const NOW = START;
const ON = anOwner({ name: 'crm' });
const OFF = anOwner({ name: 'former', status: 'inactive' });

function aCredential(change: Partial<Credential>): Credential {
  const { ownerId: _, ...properties } = aNewCredential();
  return {
    ...properties,
    owner: ON,
    versions: [aVersion()],
    lastUsedAt: null,
    lastUsedFrom: null,
    ...change,
  };
}

describe('what nothing of a credential authenticates for', () => {
  it.each<readonly [string, Partial<Credential>, string | null]>([
    ['nothing at all', {}, null],
    ['itself', { status: 'inactive', owner: OFF }, 'inactive'],
    ['its owner', { owner: OFF, expiresAt: NOW }, 'its owner former is inactive'],
    ['its expiry', { expiresAt: NOW }, 'expired'],
    ['the end of its versions', { versions: [aVersion({ revokedAt: NOW })] }, 'no secret works'],
  ])('is said in a few words: %s', (_what, change, expected) => {
    expect(whyStopped(aCredential(change), NOW)).toBe(expected);
  });

  it.each<readonly [string, Partial<Credential>, boolean]>([
    ['nothing else', { owner: OFF }, true],
    ['an expiry as well', { owner: OFF, expiresAt: NOW }, false],
    ['its own deactivation as well', { owner: OFF, status: 'inactive' }, false],
    ['no owner', { owner: null, status: 'inactive' }, false],
  ])('is the owner alone, or not: %s', (_what, change, expected) => {
    expect(isStoppedByOwner(aCredential(change), NOW)).toBe(expected);
  });
});
