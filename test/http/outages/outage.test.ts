import { describe, expect, it } from 'vitest';
import { Outage } from '../../../src/http/outage.js';

function watched(): { readonly outage: Outage; readonly told: unknown[]; pass(ms: number): void } {
  const told: unknown[] = [];
  let now = 0;
  const outage = new Outage(
    {
      failed: (fault, times) => told.push([String(fault), times]),
      ended: () => told.push('ended'),
    },
    () => now,
  );
  return {
    outage,
    told,
    pass: (ms) => {
      now += ms;
    },
  };
}

describe('an outage', () => {
  it('is told of when it begins, once a minute, and when it ends', () => {
    const { outage, told, pass } = watched();
    outage.worked();
    for (let second = 0; second < 150; second += 1) {
      outage.failed('read-only');
      pass(1_000);
    }
    outage.worked();
    outage.worked();
    expect(told).toEqual([['read-only', 1], ['read-only', 60], ['read-only', 60], 'ended']);
  });

  it('is told of again when it becomes another one', () => {
    const { outage, told } = watched();
    for (const fault of ['read-only', 'read-only', 'away', 'away']) outage.failed(fault);
    expect(told).toEqual([
      ['read-only', 1],
      ['away', 2],
    ]);
  });
});
