import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from '../../../src/domain/text/nearest.js';

const COMMANDS = ['create', 'list', 'show', 'edit', 'rotate', 'delete', 'verify', 'deactivate', 'activate'];

describe('the nearest candidate', () => {
  it.each([
    ['a typed-over letter', 'crexte', 'create'],
    ['a missing letter', 'rotat', 'rotate'],
    ['an additional letter', 'lisst', 'list'],
    ['two letters swapped', 'shwo', 'show'],
    ['the beginning of the word', 'deact', 'deactivate'],
    ['the wrong case', 'VERIFY', 'verify'],
  ])('is found in spite of %s', (_, word, meant) => {
    expect(nearest(word, COMMANDS)).toBe(meant);
  });

  it.each(['', 'x', 'frobnicate', 'qwerty', 'a'.repeat(100_000)])('is nothing for %.12s', (word) => {
    expect(nearest(word, COMMANDS)).toBeNull();
  });

  it('is nothing where there are no candidates', () => {
    expect(nearest('create', [])).toBeNull();
  });

  it('is the one that matches, before one that begins with the word', () => {
    expect(nearest('data', ['data-planning', 'data'])).toBe('data');
    expect(nearest('dat', ['data-planning', 'data'])).toBe('data');
  });

  it('is, of two at the same distance, the one with the longer common beginning, then the first', () => {
    expect(nearest('reax', ['lead', 'read'])).toBe('read');
    expect(nearest('xead', ['lead', 'read'])).toBe('lead');
  });

  it('is always a candidate, and the word itself when that is one', () => {
    const words = fc.array(fc.string({ minLength: 1, maxLength: 12 }));
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), words, (word, candidates) => {
        const found = nearest(word, candidates);
        if (found !== null) expect(candidates).toContain(found);
        if (candidates.includes(word)) expect(found?.toLowerCase()).toBe(word.toLowerCase());
      }),
    );
  });

  it('is found after any one edit of a word of five letters or more', () => {
    const edited = fc
      .tuple(fc.stringMatching(/^[a-z]{5,12}$/), fc.nat(), fc.constantFrom('x', '', '7y'))
      .map(([word, place, replacement]) => {
        const index = place % word.length;
        return { word, typed: word.slice(0, index) + replacement + word.slice(index + 1) };
      });
    fc.assert(
      fc.property(edited, ({ word, typed }) => {
        expect(nearest(typed, ['0123456789', word])).toBe(word);
      }),
    );
  });
});

describe('the hint with the valid values', () => {
  it('asks about the nearest where there is one', () => {
    expect(didYouMean('data', ['data', 'events'])).toBe('did you mean data? valid: data, events');
    expect(didYouMean(null, ['data', 'events'])).toBe('valid: data, events');
    expect(didYouMean(null, [])).toBe('valid: none');
  });

  it('stays readable when there are very many', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `w${index}`);
    expect(didYouMean(null, many)).toMatch(/^valid: w0, .*, w29, and 970 more$/);
  });
});
