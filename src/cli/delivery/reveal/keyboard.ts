import { emitKeypressEvents } from 'node:readline';
import { ENDING_SIGNALS } from '../../../domain/ending-signal.js';
import {
  closeTerminalInput,
  foregroundUnless,
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

/** The terminal on standard input, in raw mode while listening; it is closed while the process is stopped. */
export const processKeyboard: Keyboard = {
  listen({ onKey, onStop, onContinue, onRedraw, onEnd, onExit }) {
    const { stdout } = process;
    const pressed = (text: unknown, value: unknown): void => {
      const key = toKey(text, value);
      if (key.isControl && key.name === 'z') stop('group');
      else onKey(key);
    };
    const terminate = (): void => onEnd('terminated');
    const interrupt = (): void => onEnd('interrupted');
    const stopAlone = (): void => stop('process');
    function hear(): () => void {
      const input = openTerminalInput();
      const goOn = (): void => {
        input.setRawMode(false);
        input.setRawMode(true);
        onContinue();
      };
      emitKeypressEvents(input);
      const offs = [
        on(input, 'keypress', pressed),
        on(input, 'end', terminate),
        on(input, 'lost', terminate),
        on(process, 'SIGTSTP', stopAlone),
        on(process, 'SIGCONT', goOn),
      ];
      input.setRawMode(true);
      input.resume();
      return () => {
        for (const off of offs) off();
        closeTerminalInput(input);
      };
    }
    // Closing the terminal resets its mode from libuv 1.51 on (Node.js 22 and 24): from the background that stops the
    // process, and one that is to end there would never have got to its end.
    function stop(who: 'group' | 'process'): void {
      onStop();
      deafen();
      deafen = ignore;
      void stopUntilContinued(who)
        .then(() => foregroundUnless(() => isOver))
        .then(() => {
          if (!isOver) goOnHearing();
        });
    }
    function goOnHearing(): void {
      try {
        deafen = hear();
        onContinue();
      } catch {
        terminate();
      }
    }
    let deafen = hear();
    let isOver = false;
    const handlers = [
      on(stdout, 'resize', onRedraw),
      on(process, 'SIGINT', interrupt),
      on(process, 'SIGTERM', terminate),
      on(process, 'SIGHUP', terminate),
      on(process, 'SIGQUIT', terminate),
      atExit(onExit),
    ];
    return () => {
      isOver = true;
      for (const signal of ENDING_SIGNALS) process.on(signal, ignore);
      for (const off of handlers) off();
      deafen();
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
