import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CredctlError } from '../../../src/domain/errors.js';
import {
  nameKey,
  parseDescription,
  parseKnownName,
  parseLabel,
  parseName,
  parseReason,
} from '../../../src/domain/text/name.js';

const SECRET = 'cctl_key_0123456789AB003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3G6fTG';
const HIDDEN_PART = '003aUlTJC7tjlCTQ';

/** The usage error that the call throws. */
function refusal(call: () => unknown): CredctlError {
  try {
    call();
  } catch (error) {
    if (error instanceof CredctlError && error.code === 'usage') return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const nameRefusal = (text: string) => refusal(() => parseName('credential', text)).message;

describe('a name', () => {
  it.each(['a', '7', 'ci-bot', 'CI.Bot_2', 'team/ci/bot-1', 'a..b', 'a--', 'x/0._-', 'a'.repeat(128)])(
    'may be %j and is kept as typed',
    (text) => {
      expect(parseName('credential', text)).toBe(text);
    },
  );

  it('is whatever the grammar describes', () => {
    const segment = fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z._-]{0,9}$/);
    const names = fc.array(segment, { minLength: 1, maxLength: 8 }).map((segments) => segments.join('/'));
    fc.assert(fc.property(names, (text) => parseName('owner', text) === text));
  });

  it('says what is being named', () => {
    expect(refusal(() => parseName('credential', '')).message).toBe('the credential name is empty');
    expect(refusal(() => parseName('owner', '')).message).toBe('the owner name is empty');
    expect(refusal(() => parseName('label key', '')).message).toBe('the label key is empty');
  });

  it('has at most 128 characters', () => {
    expect(nameRefusal('a'.repeat(129))).toBe('the credential name has 129 characters');
  });

  it.each([
    ['ci bot', /contains . . at position 3$/],
    ['a:b', /contains .:. at position 2$/],
    ['a\\b', /contains .\\+. at position 2$/],
    ['=1', /contains .=. at position 1$/],
    ['caf\u00e9', /contains .é. \(U\+00E9\) at position 4$/],
    ['𝒜b', /contains .𝒜. \(U\+1D49C\) at position 1$/u],
    ['a😀 b', /\(U\+1F600\) at position 2$/],
    ['a'.repeat(9).concat('*'), /contains .\*. at position 10$/],
  ])('names the offending character of %j and its position', (text, expected) => {
    expect(nameRefusal(text)).toMatch(expected);
  });

  it.each(['a\nb', 'a\u001bb', 'a\u0000', 'a\u202eb', 'a\u200bb', 'a\ud800b', 'a\u0085'])(
    'shows the offending character of %j without sending it to the terminal',
    (text) => {
      const { message } = refusal(() => parseName('credential', text));
      expect(message).toMatch(/^[\x20-\x7e]+ at position 2$/);
    },
  );

  it.each([
    ['.hidden', "starts with '.' at position 1"],
    ['-rf', "starts with '-' at position 1"],
    ['_a', "starts with '_' at position 1"],
    ['__proto__', "starts with '_' at position 1"],
    ['..', "starts with '.' at position 1"],
    ['a/../b', "starts with '.' at position 3"],
    ['/a', "empty segment before '/' at position 1"],
    ['a//b', "empty segment before '/' at position 3"],
    ['a/', "ends with '/' at position 2"],
    ['/', "empty segment before '/' at position 1"],
  ])('starts every segment with a letter or digit, unlike %j', (text, expected) => {
    expect(nameRefusal(text)).toContain(expected);
  });

  it('has not the shape of an id, in either case', () => {
    expect(nameRefusal('0190f7a2-1c3b-7def-8123-456789abcdef')).toContain('shape of an id');
    expect(nameRefusal('0190F7A2-1C3B-7DEF-8123-456789ABCDEF')).toContain('shape of an id');
    expect(parseName('credential', '0190f7a2-1c3b-7def-8123-456789abcde')).toHaveLength(35);
  });

  it('has not the shape of a handle, in either case, where it is new', () => {
    for (const text of ['cctl_key_0123456789AB', 'CCTL_SEC_0123456789ab', 'acme2_tok_0123456789AB']) {
      expect(nameRefusal(text)).toContain('shape of a handle');
      expect(parseKnownName('credential', text)).toBe(text);
      expect(parseLabel(`${text}=x`).key).toBe(text);
    }
    for (const text of ['cctl_key_0123456789A', 'cctl_key_0123456789ABC', 'a_key_0123456789AB']) {
      expect(parseName('credential', text)).toBe(text);
    }
  });

  it('has not the shape of a client id, in either case', () => {
    expect(nameRefusal('cctl_id_0123456789abcdEF')).toContain('shape of a client id');
    expect(nameRefusal('CCTL_ID_0123456789abcdEF')).toContain('shape of a client id');
    expect(parseName('credential', 'cctl_id_0123456789abcdE')).toHaveLength(23);
  });

  it.each([SECRET, `x/${SECRET}`, SECRET.slice(0, -3), `${SECRET}\n`, `${SECRET} `.repeat(9)])(
    'is no secret, and a secret is not repeated (%#)',
    (text) => {
      const error = refusal(() => parseName('credential', text));
      expect(error.message).toContain('looks like a secret');
      expect(error.message + error.hint).not.toContain(HIDDEN_PART);
    },
  );

  it('is refused with a usage error or kept, whatever it is', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.string({ maxLength: 300 }));
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(parseName('credential', text)).toMatch(/^[0-9A-Za-z][0-9A-Za-z._/-]{0,127}$/);
        } catch (error) {
          expect(error).toMatchObject({ name: 'CredctlError', code: 'usage' });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is compared without regard to case', () => {
    expect(nameKey('Team/CI-Bot')).toBe(nameKey('team/ci-bot'));
    expect(nameKey('a.b')).not.toBe(nameKey('a-b'));
  });
});

describe('a label', () => {
  it.each([
    ['env=prod', { key: 'env', value: 'prod' }],
    ['env=', { key: 'env', value: '' }],
    ['query=a=b=c', { key: 'query', value: 'a=b=c' }],
    ['team/name=Ops & Co', { key: 'team/name', value: 'Ops & Co' }],
    ['constructor=x', { key: 'constructor', value: 'x' }],
    ['a=\u202e\u200b=1+1', { key: 'a', value: '\u202e\u200b=1+1' }],
  ])('%j is split at the first equals sign', (text, label) => {
    expect(parseLabel(text)).toEqual(label);
  });

  it('needs an equals sign and a key by the grammar of names', () => {
    expect(refusal(() => parseLabel('env')).message).toContain("no '='");
    expect(refusal(() => parseLabel('=x')).message).toBe('the label key is empty');
    expect(refusal(() => parseLabel('__proto__=x')).message).toContain('the label key');
    expect(refusal(() => parseLabel('a b=x')).message).toContain('position 2');
  });

  it('has a value of at most 256 characters, counted as code points', () => {
    expect(parseLabel(`a=${'😀'.repeat(256)}`).value).toHaveLength(512);
    expect(refusal(() => parseLabel(`a=${'😀'.repeat(257)}`)).message).toContain('257 characters');
  });

  it.each(['\n', '\t', '\u0000', '\u001b', '\u007f', '\u009b', '\ud800', '\ufffd'])(
    'has neither the control character nor the replacement character %j in its value',
    (character) => {
      expect(refusal(() => parseLabel(`a=x${character}`)).message).toContain('at position 2');
    },
  );

  it('never holds a secret nor repeats one', () => {
    for (const text of [SECRET, `a=${SECRET}`, `${SECRET}=a`]) {
      const error = refusal(() => parseLabel(text));
      expect(error.message + error.hint).not.toContain(HIDDEN_PART);
    }
  });
});

describe('a description', () => {
  it('may have lines, any script, bidi and zero-width characters', () => {
    for (const text of ['', 'two\nlines', 'שלום', 'a\u202eb\u200bc', '😀']) {
      expect(parseDescription(text)).toBe(text);
    }
  });

  it('is empty where it is white space alone', () => {
    expect([' ', '   ', ' \n '].map(parseDescription)).toEqual(['', '', '']);
    expect(parseDescription(' a ')).toBe(' a ');
  });

  it('has at most 1,024 characters, counted as code points', () => {
    expect(parseDescription('😀'.repeat(1_024))).toHaveLength(2_048);
    expect(refusal(() => parseDescription('a'.repeat(1_025))).message).toContain('1025 characters');
  });

  it.each(['\r', '\t', '\u0000', '\u001b', '\u007f', '\u009b', '\ud800', '\udc00', '\ufffd'])(
    'has neither the control, the lone surrogate nor the replacement character %j',
    (character) => {
      const { message } = refusal(() => parseDescription(`ab${character}`));
      expect(message).toContain('the description contains');
      expect(message).toMatch(/^[\x20-\x7e\ufffd]+ at position 3$/);
    },
  );
});

describe('a reason', () => {
  it('is one line', () => {
    expect(parseReason('leaked in CI log #12')).toBe('leaked in CI log #12');
    for (const text of ['a\nb', 'a\ufffd'])
      expect(refusal(() => parseReason(text)).message).toContain('at position 2');
    expect(refusal(() => parseReason('a'.repeat(1_025))).message).toContain('1025 characters');
  });

  it('does not put the leaked secret into the audit trail, but may name its handle', () => {
    const error = refusal(() => parseReason(`leaked: ${SECRET}`));
    expect(error.message + error.hint).not.toContain(HIDDEN_PART);
    expect(parseReason('leaked: cctl_key_0123456789AB')).toContain('0123456789AB');
  });
});
