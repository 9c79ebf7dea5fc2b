import type { PromptLook, Prompts } from './prompts.js';

/** Selects the prompts for the terminal type. */
export async function terminalPrompts(look: PromptLook): Promise<Prompts> {
  if (look.terminalType === 'dumb') return (await import('./line-prompts.js')).linePrompts(look);
  return (await import('./screen-prompts.js')).screenPrompts(look);
}
