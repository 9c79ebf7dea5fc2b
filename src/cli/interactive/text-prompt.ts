import { createPrompt, isEnterKey, useEffect, useKeypress, usePrefix, useState } from '@inquirer/core';
import type { LineOptions } from '../prompts.js';

/** A question for one line of text. */
export interface TextQuestion extends LineOptions {
  readonly message: string;
}

/** Asks for a line, and says while it is typed what is wrong with it. */
export const textPrompt = createPrompt<string, TextQuestion>(({ message, initial, check, accept }, done) => {
  const [status, setStatus] = useState<'idle' | 'loading' | 'done'>('idle');
  const [value, setValue] = useState('');
  const [refusal, setRefusal] = useState<string | null>(null);
  const prefix = usePrefix({ status });
  useEffect((rl) => {
    if (initial === undefined || initial === '') return;
    rl.write(initial);
    setValue(initial);
  }, []);
  useKeypress(async (key, rl) => {
    if (status !== 'idle') return;
    if (!isEnterKey(key)) {
      setValue(rl.line);
      setRefusal(null);
      return;
    }
    setStatus('loading');
    const problem = check?.(value) ?? (await accept?.(value)) ?? null;
    if (problem === null) {
      setStatus('done');
      done(value);
      return;
    }
    // Enter has emptied the line, which is to be mended rather than typed again.
    rl.write(value);
    setRefusal(problem);
    setStatus('idle');
  });
  const problem = refusal ?? (value === '' ? null : (check?.(value) ?? null));
  return [`${prefix} ${message} ${value}`, status === 'done' || problem === null ? '' : `> ${problem}`];
});
