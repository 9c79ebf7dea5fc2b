import { describe, expect, it } from 'vitest';
import { scopeGroups, selectedScopes } from '../../../src/cli/prompts/scopes/groups.js';
import {
  filtered,
  focusIn,
  initialState,
  isSelected,
  isSpaceTyped,
  moved,
  movedToNextGroup,
  opened,
  type ScopesState,
  shownLines,
  switched,
} from '../../../src/cli/prompts/scopes/lines.js';
import { PRESETS } from '../../../src/domain/scope/presets.js';

/** The list of a preset: three groups in `moveworks`, four in `mparticle`. */
function listOf(name: 'moveworks' | 'mparticle'): ScopesState {
  const catalog = PRESETS.get(name);
  if (catalog === undefined) throw new Error(`no preset ${name}`);
  return initialState(scopeGroups(catalog, 'oauth2', []));
}

/** The lines in short: a heading by its API, `api:permission` for the others, and a mark at the focus. */
function inShort(state: ScopesState): readonly string[] {
  const lines = shownLines(state);
  return lines.map(({ group, kind, permission }, at) => {
    const api = state.groups[group]?.api.id ?? '';
    const text = kind === 'heading' ? api : `${api}:${permission}`;
    return at === focusIn(state, lines) ? `> ${text}` : text;
  });
}

describe('the list of scopes', () => {
  it('is open where there are three groups or fewer, and closed otherwise', () => {
    expect(inShort(listOf('moveworks')).slice(0, 3)).toEqual(['data', '> data:*', 'data:conversations']);
    expect(inShort(listOf('moveworks'))).toContain('events:messages');
    expect(inShort(listOf('mparticle'))).toEqual(['> profile', 'platform', 'data-planning', 'credctl']);
  });

  it('opens a group, and closes it from any of its lines', () => {
    const open = opened(listOf('mparticle'), true);
    expect(inShort(open)).toEqual([
      '> profile',
      'profile:*',
      'profile:read',
      'platform',
      'data-planning',
      'credctl',
    ]);
    const inside = moved(moved(open, 1), 1);
    expect(inShort(inside)).toContain('> profile:read');
    expect(inShort(opened(inside, false))).toEqual(inShort(listOf('mparticle')));
  });

  it('goes from either end to the other, and from group to group', () => {
    const closed = listOf('mparticle');
    expect(inShort(moved(closed, -1))).toContain('> credctl');
    expect(inShort(moved(moved(closed, -1), 1))).toContain('> profile');
    expect(inShort(movedToNextGroup(closed))).toContain('> platform');
    const open = listOf('moveworks');
    expect(inShort(movedToNextGroup(open))).toContain('> events:*');
    expect(inShort(movedToNextGroup(movedToNextGroup(movedToNextGroup(open))))).toContain('> data:*');
  });

  it('selects what is in focus; a heading is the whole of its group', () => {
    const closed = listOf('mparticle');
    expect(isSelected(closed)).toBe(false);
    expect(selectedScopes(switched(closed).groups)).toEqual(['profile:*']);
    expect(isSelected(switched(switched(closed)))).toBe(false);
    const inside = moved(moved(opened(closed, true), 1), 1);
    expect(selectedScopes(switched(inside).groups)).toEqual(['profile:read']);
  });

  it.each<readonly [string, readonly string[]]>([
    ['mess', ['events', '> events:messages']],
    ['USER', ['data', '> data:users']],
    ['plugin', ['data', '> data:plugin-calls', 'data:plugin-resources']],
    ['events a', ['> events', 'events:*', 'events:messages']],
    ['data:co', ['data', '> data:conversations']],
    ['all', ['data', '> data:*', 'data:plugin-calls', 'events', 'events:*', 'credctl', 'credctl:*']],
    ['events:*', ['events', '> events:*']],
    ['zzz', []],
  ])('filters by titles and ids: %j', (text, expected) => {
    expect(inShort(filtered(listOf('moveworks'), text))).toEqual(expected);
  });

  it('shows what matches of closed groups as well, and closes them again', () => {
    const found = filtered(listOf('mparticle'), 'admin');
    expect(inShort(found)).toEqual(['platform', '> platform:admin']);
    const selected = switched(found);
    expect(selectedScopes(selected.groups)).toEqual(['platform:admin']);
    expect(inShort(filtered(selected, ''))).toEqual(['profile', '> platform', 'data-planning', 'credctl']);
    expect(opened(found, false), 'nothing opens or closes meanwhile').toBe(found);
  });

  it('opens a closed group whose heading is switched, so that what is selected can be seen', () => {
    expect(inShort(switched(listOf('mparticle')))).toContain('profile:*');
  });

  it('switches by a heading, under a filter, what is shown alone', () => {
    const found = filtered(listOf('moveworks'), 'plugin');
    const heading = moved(found, -1);
    expect(inShort(heading)[0]).toBe('> data');
    const both = switched(heading);
    expect(selectedScopes(both.groups)).toEqual(['data:plugin-calls', 'data:plugin-resources']);
    expect(selectedScopes(switched(both).groups)).toEqual([]);
    const one = switched(moved(switched(moved(heading, 1)), -1));
    expect(selectedScopes(one.groups)).toEqual(['data:plugin-calls', 'data:plugin-resources']);
    const all = switched(filtered(listOf('moveworks'), 'events a'));
    expect(selectedScopes(all.groups), 'not what comes later').toEqual(['events:messages']);
  });

  it('takes what is shown alone away from a whole', () => {
    const whole = switched(listOf('moveworks'));
    const rest = switched(moved(filtered(whole, 'plugin'), -1));
    expect(selectedScopes(rest.groups)).toHaveLength(3);
    expect(selectedScopes(rest.groups).join()).not.toMatch(/plugin|\*/);
  });

  it('stays at either end under a filter', () => {
    const found = filtered(listOf('moveworks'), 'mess');
    expect(inShort(moved(found, 1))).toEqual(['events', '> events:messages']);
    expect(inShort(moved(moved(found, -1), -1))).toEqual(['> events', 'events:messages']);
  });

  it('takes a space for text where a title goes on with it, until the focus is moved', () => {
    const typed = (text: string) => filtered(listOf('moveworks'), text);
    expect(isSpaceTyped(typed('Plugin'))).toBe(true);
    expect(isSpaceTyped(typed('data'))).toBe(true);
    expect(isSpaceTyped(typed('mess'))).toBe(false);
    expect(isSpaceTyped(typed('Plugin '))).toBe(false);
    expect(isSpaceTyped(listOf('moveworks'))).toBe(false);
    expect(isSpaceTyped(moved(typed('Plugin'), 1))).toBe(false);
    expect(isSpaceTyped(moved(typed('data'), -1))).toBe(false);
    expect(isSpaceTyped(filtered(moved(typed('Plug'), 1), 'Plugin'))).toBe(true);
  });

  it('does nothing where nothing matches', () => {
    const nothing = filtered(listOf('moveworks'), 'zzz');
    for (const next of [moved(nothing, 1), movedToNextGroup(nothing), switched(nothing)]) {
      expect(next).toEqual(nothing);
    }
  });
});
