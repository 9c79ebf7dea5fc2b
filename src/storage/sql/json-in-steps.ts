import { JSONParser } from '@streamparser/json';

/** Bytes parsed in one step: half a millisecond. */
const STEP_BYTES = 8_192;

/** The parser decodes texts one by one, and takes U+FEFF at the beginning of one for a mark of byte order. */
const MARK = /\ufeff|\\ufeff/i;

/**
 * `JSON.parse` in steps that yield to the event loop: a text of one megabyte would block it for 50 ms. One with U+FEFF in
 * it, which hardly any has, is parsed at once.
 *
 * @param pause yields to the event loop between two steps
 * @throws SyntaxError where the text is not JSON, or is truncated
 */
export async function parseJsonInSteps(text: string, pause: () => Promise<void>): Promise<unknown> {
  if (MARK.test(text)) return JSON.parse(text);
  const bytes = Buffer.from(text);
  const parser = new JSONParser({ paths: ['$'] });
  let parsed: { readonly value: unknown } | null = null;
  parser.onValue = ({ value }) => {
    parsed = { value };
  };
  parser.onError = (cause) => {
    throw new SyntaxError('the text is no JSON', { cause });
  };
  for (let at = 0; at < bytes.length; at += STEP_BYTES) {
    if (at > 0) await pause();
    parser.write(bytes.subarray(at, at + STEP_BYTES));
  }
  const found = parsed as { readonly value: unknown } | null;
  if (found === null) throw new SyntaxError('the text breaks off');
  return found.value;
}
