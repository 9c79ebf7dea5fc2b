import { cursorHide } from '@inquirer/ansi';
import { createPrompt, isEnterKey, useEffect, useKeypress, usePrefix, useState } from '@inquirer/core';
import type { LineOptions } from './prompts.js';
import { type Stoppable, useStopKey } from './stop-key.js';

/** A one-line text prompt. */
export interface TextQuestion extends LineOptions, Stoppable {
  readonly message: string;
  /** Called when the text changes. */
  readonly onType: (text: string) => void;
  /** Disables echo. */
  readonly isHidden?: true;
}

/** One-line text prompt with validation while typing. */
export const textPrompt = createPrompt<string, TextQuestion>((question, done) => {
  const { message, initial, check, accept, onType, isHidden = false } = question;
  const [status, setStatus] = useState<'idle' | 'loading' | 'done'>('idle');
  const [value, setValue] = useState('');
  const [refusal, setRefusal] = useState<string | null>(null);
  const prefix = usePrefix({ status });
  useStopKey(question.stop);
  useEffect((rl) => {
    if (initial === undefined || initial === '') return;
    rl.write(initial);
    setValue(initial);
  }, []);
  useKeypress(async (key, rl) => {
    if (status !== 'idle') return;
    if (!isEnterKey(key)) {
      setValue(rl.line);
      onType(rl.line);
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
    // readline has cleared the line on Enter; it is restored for correction.
    rl.write(value);
    setRefusal(problem);
    setStatus('idle');
  });
  if (isHidden) return `${prefix} ${message} ${status === 'done' ? '' : `(not shown)${cursorHide}`}`;
  const problem = refusal ?? (value === '' ? null : (check?.(value) ?? null));
  return [`${prefix} ${message} ${value}`, status === 'done' || problem === null ? '' : `> ${problem}`];
});
