import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatInstant, MAX_DURATION_MS, parseDuration, parseInstant } from '../../src/domain/duration.js';
import { CredctlError } from '../../src/domain/errors.js';

const usage = expect.objectContaining({ code: 'usage', hint: expect.any(String) });

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['24h', 86_400_000],
    ['90d', 7_776_000_000],
    ['2w', 1_209_600_000],
    ['36500d', MAX_DURATION_MS],
    ['876000h', MAX_DURATION_MS],
  ])('%s is a whole number and a unit', (text, ms) => {
    expect(parseDuration(text)).toEqual({ text, ms });
  });

  it.each([
    ...['1M', '-1d', '1.5h', '10', '', ' ', 'd', '1', '+1d', '01d', '1 d', ' 1d', '1d ', '1d\n', '1D', '1y'],
    ...['1ms', '1d2h', '1e3s', '0x1s', '٣d', '36501d', '5215w', '9'.repeat(400).concat('s'), 'NaNs'],
  ])('%j is refused with a hint', (text) => {
    expect(() => parseDuration(text)).toThrow(usage);
    expect(() => parseDuration(text, { allowZero: true })).toThrow(usage);
  });

  it.each(['0', '0s', '0m', '0h', '0d', '0w'])('%s is accepted only where zero means something', (text) => {
    expect(parseDuration(text, { allowZero: true })).toEqual({ text, ms: 0 });
    expect(() => parseDuration(text)).toThrow(usage);
  });

  it('never turns arbitrary text into anything but a bounded whole number', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9]{1,9}[a-z]?$/)),
        (text) => {
          try {
            const { ms } = parseDuration(text);
            expect(Number.isSafeInteger(ms) && ms > 0 && ms <= MAX_DURATION_MS).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(CredctlError);
          }
        },
      ),
    );
  });
});

describe('an instant', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2030-01-31T12:00:00Z', Date.UTC(2030, 0, 31, 12)],
    ['2030-01-31t12:00:00z', Date.UTC(2030, 0, 31, 12)],
    ['2030-01-31T12:00:00.5Z', Date.UTC(2030, 0, 31, 12, 0, 0, 500)],
    ['2030-01-31T12:00:00.1239999Z', Date.UTC(2030, 0, 31, 12, 0, 0, 123)],
    ['2030-01-31T12:00:00+02:00', Date.UTC(2030, 0, 31, 10)],
    ['2030-01-31T12:00:00-05:30', Date.UTC(2030, 0, 31, 17, 30)],
    ['2030-01-31T12:00:00-00:00', Date.UTC(2030, 0, 31, 12)],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
    ['9999-12-31T23:59:59.999Z', Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
    ['1969-12-31T23:30:00-01:00', 1_800_000],
  ])('%s is RFC 3339 with an offset', (text, ms) => {
    expect(parseInstant(text)).toBe(ms);
  });

  it.each([
    ...['2030-02-30T00:00:00Z', '2030-02-29T00:00:00Z', '2100-02-29T00:00:00Z', '2030-04-31T00:00:00Z'],
    ...['2030-00-01T00:00:00Z', '2030-13-01T00:00:00Z', '2030-01-00T00:00:00Z', '2030-01-32T00:00:00Z'],
    ...['2030-01-01T24:00:00Z', '2030-01-01T00:60:00Z', '2030-01-01T00:00:60Z', '2016-12-31T23:59:60Z'],
    ...['2030-01-01T00:00:00+24:00', '2030-01-01T00:00:00+01:60', '2030-01-01T00:00:00+0100'],
    ...['2030-01-01', '2030-01-01T00:00Z', '2030-01-01T00:00:00', '2030-01-01 00:00:00Z', 'now', ''],
    ...['2030-01-01T00:00:00.Z', '2030-1-1T00:00:00Z', '+02030-01-01T00:00:00Z', '2030-01-01T00:00:00Z\n'],
    ...['1969-12-31T23:59:59Z', '0099-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '1970-01-01T00:00:00+00:01'],
    ...['9999-12-31T23:59:59-00:01', '10000-01-01T00:00:00Z', '٢٠٣٠-01-01T00:00:00Z'],
  ])('%j is refused with a hint', (text) => {
    expect(() => parseInstant(text)).toThrow(usage);
  });

  it('is written in UTC with milliseconds', () => {
    expect(formatInstant(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(formatInstant(Date.UTC(2030, 0, 31, 12))).toBe('2030-01-31T12:00:00.000Z');
  });

  it.each([
    '1972-02-29T00:00:00.000Z',
    '2000-02-29T23:59:59.999Z',
    '2000-03-01T00:00:00.000Z',
    '2099-12-31T23:59:59.999Z',
    '2100-02-28T23:59:59.999Z',
    '2100-03-01T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
    '+010000-01-01T00:00:00.000Z',
    '+275760-09-13T00:00:00.000Z',
  ])('can be %s', (text) => {
    expect(formatInstant(Date.parse(text))).toBe(text);
  });

  it.each([Number.NaN, 8_640_000_000_000_001])('%d is no time', (ms) => {
    expect(() => formatInstant(ms)).toThrow(RangeError);
  });

  it('survives writing and reading', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (ms) => {
        expect(parseInstant(formatInstant(ms))).toBe(ms);
      }),
    );
  });
});
