import { describe, expect, it } from 'vitest';
import { type Succession, successionTo } from '../../src/files/succession.js';

const [SELF, OWNER, OTHER, GROUP] = [1000, 2000, 3000, 500];

const PRIVATE: Succession = { rights: null, refusal: null };
const refused = (refusal: 'shared-directory' | 'third-owner'): Succession => ({ rights: null, refusal });
const kept = (uid: number, mode: number): Succession => ({
  rights: { uid, gid: GROUP, mode },
  refusal: null,
});

describe('the successor of a file', () => {
  it.each<readonly [string, number, number, Succession]>([
    ['lets the same group in', SELF, 0o100640, kept(SELF, 0o640)],
    ['stays closed to whoever it was closed to', SELF, 0o100400, kept(SELF, 0o400)],
    ['is closed to others', SELF, 0o100666, kept(SELF, 0o660)],
    ['is no program, and runs as nobody', SELF, 0o106755, kept(SELF, 0o640)],
    ['belongs to the owner of its directory again', OWNER, 0o100600, kept(OWNER, 0o600)],
    ['is not given to a third user', OTHER, 0o100600, refused('third-owner')],
  ])('in a directory that its owner alone can change %s', (_what, uid, mode, expected) => {
    expect(successionTo({ uid, gid: GROUP, mode }, { uid: OWNER, mode: 0o40755 }, SELF)).toEqual(expected);
  });

  it.each<readonly [string, number, number, number, Succession]>([
    ['is a new one, where it was ours alone', SELF, 0o100600, 0o41777, PRIVATE],
    ['is a new one, whatever others could do', SELF, 0o100604, 0o40775, PRIVATE],
    ['lets no group in', SELF, 0o100640, 0o41777, refused('shared-directory')],
    [
      'lets no group in, the directory being one of a group',
      SELF,
      0o100640,
      0o42770,
      refused('shared-directory'),
    ],
    ['is given to nobody', OWNER, 0o100600, 0o41777, refused('shared-directory')],
  ])('in a directory that others can change %s', (_what, uid, mode, directory, expected) => {
    expect(successionTo({ uid, gid: GROUP, mode }, { uid: OWNER, mode: directory }, SELF)).toEqual(expected);
  });
});
