import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonInSteps } from '../../../src/storage/sql/json-in-steps.js';

async function parsed(text: string): Promise<{ readonly value: unknown; readonly pauses: number }> {
  let pauses = 0;
  const value = await parseJsonInSteps(text, async () => {
    pauses += 1;
  });
  return { value, pauses };
}

describe('parsing in steps', () => {
  it('comes to what JSON.parse does, wherever a step ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue({ maxDepth: 5 }),
        fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { minLength: 2_000, maxLength: 3_000 }),
        async (value, texts) => {
          const text = JSON.stringify({ value, texts });
          const { value: found, pauses } = await parsed(text);
          expect(found).toEqual(JSON.parse(text));
          const steps = text.includes('\ufeff') ? 1 : Math.ceil(Buffer.byteLength(text) / 8_192);
          expect(pauses).toBe(steps - 1);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keeps U+FEFF at the beginning of a text, and takes none before the document', async () => {
    const value = { '\ufeffkey': ['\ufeff', '\ufeffa\ufeff', `\ufeff${'b'.repeat(9_000)}\ufeff`] };
    const text = JSON.stringify(value);
    expect((await parsed(text)).value).toEqual(value);
    expect((await parsed(text.replaceAll('\ufeff', '\\uFEFF'))).value).toEqual(value);
    await expect(parsed('\ufeff{}')).rejects.toThrow(SyntaxError);
  });

  it.each(['', '{', '{"a":[1,2', '{"a":1}}', "{'a':1}", 'nothing'])('refuses %j', async (text) => {
    await expect(parsed(text)).rejects.toThrow(SyntaxError);
  });
});
