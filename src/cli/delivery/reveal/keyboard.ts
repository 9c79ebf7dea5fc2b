import { emitKeypressEvents } from 'node:readline';
import { ENDING_SIGNALS } from '../../../domain/ending-signal.js';
import {
  awaitForeground,
  closeTerminalInput,
  openTerminalInput,
  stopUntilContinued,
} from '../../prompts/terminal-input.js';

/** A key press: the typed text, and the key's name where it has one. */
export interface Key {
  readonly text: string;
  readonly name: string;
  readonly isControl: boolean;
}

/** Callbacks for keys, signals and terminal changes. */
export interface KeyboardListener {
  readonly onKey: (key: Key) => void;
  /** Before the process is stopped (SIGTSTP). */
  readonly onStop: () => void;
  /** After the process was continued (SIGCONT). */
  readonly onContinue: () => void;
  /** After the terminal was resized (SIGWINCH). */
  readonly onRedraw: () => void;
  /** On a termination signal, or when the terminal was closed. */
  readonly onEnd: (code: 'interrupted' | 'terminated') => void;
  /** On any other exit of the process. */
  readonly onExit: () => void;
}

/** Input of single key presses. */
export interface Keyboard {
  /**
   * Starts listening.
   *
   * @returns ends it and restores the terminal mode. From then on termination signals are ignored: a closing
   *   terminal sends several, and the handling of the first must complete
   */
  listen(listener: KeyboardListener): () => void;
}

/** The terminal on standard input, in raw mode while listening. */
export const processKeyboard: Keyboard = {
  listen({ onKey, onStop, onContinue, onRedraw, onEnd, onExit }) {
    const input = openTerminalInput();
    const { stdout } = process;
    const pressed = (text: unknown, value: unknown): void => {
      const key = toKey(text, value);
      if (key.isControl && key.name === 'z') stop('group');
      else onKey(key);
    };
    const terminate = (): void => onEnd('terminated');
    const interrupt = (): void => onEnd('interrupted');
    const stopAlone = (): void => stop('process');
    const goOn = (): void => {
      input.setRawMode(false);
      input.setRawMode(true);
      onContinue();
    };
    function hearStops(): () => void {
      const offs = [on(process, 'SIGTSTP', stopAlone), on(process, 'SIGCONT', goOn)];
      return () => {
        for (const off of offs) off();
      };
    }
    function stop(who: 'group' | 'process'): void {
      onStop();
      input.setRawMode(false);
      ignoreStops();
      void stopUntilContinued(who).then(() => {
        if (isOver) return;
        awaitForeground();
        ignoreStops = hearStops();
        goOn();
      });
    }
    emitKeypressEvents(input);
    let ignoreStops = hearStops();
    let isOver = false;
    const handlers = [
      on(input, 'keypress', pressed),
      on(input, 'end', terminate),
      on(input, 'lost', terminate),
      on(stdout, 'resize', onRedraw),
      on(process, 'SIGINT', interrupt),
      on(process, 'SIGTERM', terminate),
      on(process, 'SIGHUP', terminate),
      on(process, 'SIGQUIT', terminate),
      atExit(onExit),
    ];
    input.setRawMode(true);
    input.resume();
    return () => {
      isOver = true;
      for (const signal of ENDING_SIGNALS) process.on(signal, ignore);
      for (const off of handlers) off();
      ignoreStops();
      closeTerminalInput(input);
    };
  },
};

function ignore(): void {}

/** Prepended, so that it runs before Node.js releases the terminal. */
function atExit(handler: () => void): () => void {
  process.prependListener('exit', handler);
  return () => process.off('exit', handler);
}

function toKey(text: unknown, key: unknown): Key {
  const named = typeof key === 'object' && key !== null ? key : {};
  return {
    text: typeof text === 'string' ? text : '',
    name: 'name' in named && typeof named.name === 'string' ? named.name : '',
    isControl: 'ctrl' in named && named.ctrl === true,
  };
}

function on(
  target: NodeJS.EventEmitter,
  event: string,
  handler: (...values: readonly unknown[]) => void,
): () => void {
  target.on(event, handler);
  return () => target.off(event, handler);
}
