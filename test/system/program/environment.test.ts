import { describe, expect, it } from 'vitest';
import { handedOn, withoutStore } from '../../../src/system/program/environment.js';

describe('the environment of a command', () => {
  it('is that of this process', () => {
    const env = { PATH: '/bin', NAME: 'é', UNSET: undefined };
    expect(handedOn(env)).toEqual({ env, leftOut: [] });
  });

  it('has nothing that is not valid UTF-8, neither a value nor a name', () => {
    const env = { A: 'caf\ufffd', B: 'b', 'C\ufffd': 'c', D: '\ud800' };
    expect(handedOn(env)).toEqual({ env: { B: 'b' }, leftOut: ['A', 'C\ufffd', 'D'] });
  });

  it('keeps the directories of PATH that are', () => {
    const { env, leftOut } = handedOn({ PATH: '/opt/caf\ufffd/bin:/usr/bin::/bin' });
    expect(env).toEqual({ PATH: '/usr/bin::/bin' });
    expect(leftOut).toEqual(['PATH']);
  });

  it('that takes a secret over has nothing of credctl, and no password that has opened the store', () => {
    const env = { PATH: '/bin', CREDCTL_STORE: 's.db', CREDCTL_PROFILE: 'p', PGPASSWORD: 'x' };
    expect(withoutStore(env, false)).toEqual({ PATH: '/bin', PGPASSWORD: 'x' });
    expect(withoutStore(env, true)).toEqual({ PATH: '/bin' });
  });
});
