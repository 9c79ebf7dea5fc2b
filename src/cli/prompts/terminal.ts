import type { PromptLook, Prompts } from './prompts.js';

/** Questions in the form that suits the terminal: one that can move its cursor, or one that only adds lines. */
export async function terminalPrompts(look: PromptLook): Promise<Prompts> {
  if (look.terminalType === 'dumb') return (await import('./line-prompts.js')).linePrompts(look);
  return (await import('./screen-prompts.js')).screenPrompts(look);
}
