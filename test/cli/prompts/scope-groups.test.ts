import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  groupHeading,
  resourceChoices,
  scopeGroups,
  selectedScopes,
  toggled,
} from '../../../src/cli/prompts/scopes/groups.js';
import type { Catalog } from '../../../src/domain/scope/catalog.js';
import { PRESETS } from '../../../src/domain/scope/presets.js';
import { normaliseScopes } from '../../../src/domain/scope/scope.js';

function presetOf(name: string): Catalog {
  const catalog = PRESETS.get(name);
  if (catalog === undefined) throw new Error(`no preset ${name}`);
  return catalog;
}

const mparticle = presetOf('mparticle');
const HELD = [
  'credctl:introspect',
  'data-planning:*@workspace/production',
  'platform:admin@org/example-org',
  'profile:read@account/example-account',
  'profile:read@workspace/development',
];

describe('the groups of the scopes list', () => {
  it('give back what is held when nothing is switched', () => {
    fc.assert(
      fc.property(fc.subarray(HELD, { minLength: 1 }), (held) => {
        const selected = selectedScopes(scopeGroups(mparticle, 'oauth2', held));
        const { scopes } = normaliseScopes(mparticle, 'oauth2', held);
        expect(normaliseScopes(mparticle, 'oauth2', selected).scopes).toEqual(scopes);
      }),
    );
  });

  it('offer the resources that no group has yet, those at the level of the API first', () => {
    const groups = scopeGroups(mparticle, 'oauth2', ['profile:read@workspace/development']);
    const [profile] = mparticle.apis;
    if (profile === undefined) throw new Error('the preset has no API');
    expect(resourceChoices(mparticle, profile, groups).map(({ level, id }) => `${level}/${id}`)).toEqual([
      'workspace/production',
      'account/example-account',
      'org/example-org',
    ]);
  });

  it('count what is selected, and all of it with the whole', () => {
    const [data] = scopeGroups(presetOf('moveworks'), 'api-key', ['data:users']);
    if (data === undefined) throw new Error('the preset has no API');
    expect(groupHeading(data)).toBe('Data API (1/5 selected)');
    expect(groupHeading(toggled(data, 'conversations'))).toBe('Data API (2/5 selected)');
    const whole = toggled(data, null);
    expect(groupHeading(whole)).toBe('Data API (5/5 selected)');
    expect(selectedScopes([whole])).toEqual(['data:*']);
    expect(groupHeading(toggled(whole, 'users'))).toBe('Data API (4/5 selected)');
    expect(groupHeading(toggled(whole, null))).toBe('Data API (0/5 selected)');
  });
});
