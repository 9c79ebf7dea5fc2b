import { describe, expect, it } from 'vitest';
import { fingerprinter } from '../../../src/system/hashing/fingerprinter.js';
import { serve } from '../../support/servers/serving.js';
import { openScenario } from '../scenario.js';

/** Texts that have the same low bytes, and others that some encodings take for the same. */
function similar(text: string): readonly string[] {
  const [first = '', rest = ''] = [text.slice(0, -1), text.slice(-1)];
  const code = rest.charCodeAt(0);
  const others = [0x100, 0x200, 0x2000, 0xff00 - 0x20, 0xd800].map((more) =>
    String.fromCharCode(more + code),
  );
  return [...others, `${rest}\u0301`, `${rest}\0`, '\ufffd'].map((last) => `${first}${last}`);
}

describe('a text of other characters', () => {
  it('does not have the mark of an ASCII text', () => {
    const hmac = fingerprinter();
    const text = 'cctl_key_0123456789AB003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3G6fTG';
    for (const other of similar(text))
      expect(hmac.fingerprint(other), JSON.stringify(other)).not.toBe(hmac.fingerprint(text));
    expect(hmac.fingerprint(text)).toBe(hmac.fingerprint(`${text}`));
  });

  it('is not good because a similar secret is remembered', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    expect(await serving.outcome(secret)).toBe('accepted');
    expect(await serving.outcome(secret)).toBe('accepted');
    for (const other of similar(secret).slice(0, 8)) {
      expect(await serving.outcome(other), JSON.stringify(other)).toBe('malformed');
    }
    expect(await serving.outcome(secret)).toBe('accepted');
  });
});
