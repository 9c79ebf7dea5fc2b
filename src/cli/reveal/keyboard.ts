import { emitKeypressEvents } from 'node:readline';
import { ENDING_SIGNALS } from '../../domain/ending-signal.js';

/** A key that was pressed: what it types, and its name where it has one. */
export interface Key {
  readonly text: string;
  readonly name: string;
  readonly isControl: boolean;
}

/** What listens to the keys, and to what ends the listening. */
export interface KeyboardListener {
  readonly onKey: (key: Key) => void;
  /** The terminal has another size, or is back after the program was stopped. */
  readonly onRedraw: () => void;
  /** A signal asks the program to end, or the terminal was closed. */
  readonly onEnd: (code: 'interrupted' | 'terminated') => void;
  /** The process ends without any of that. */
  readonly onExit: () => void;
}

/** Hears every key as it is pressed. */
export interface Keyboard {
  /**
   * @returns ends the listening and gives the terminal its mode back; from then on signals that ask the program to
   *   end are ignored: a closing terminal sends several, and what the first one set going must come to its end
   */
  listen(listener: KeyboardListener): () => void;
}

/** The terminal on standard input, in raw mode while somebody listens. */
export const processKeyboard: Keyboard = {
  listen({ onKey, onRedraw, onEnd, onExit }) {
    const { stdin, stdout } = process;
    const pressed = (text: unknown, key: unknown): void => onKey(toKey(text, key));
    const terminate = (): void => onEnd('terminated');
    const interrupt = (): void => onEnd('interrupted');
    const resume = (): void => {
      setRaw(false);
      setRaw(true);
      onRedraw();
    };
    const ignore = (): void => {};
    emitKeypressEvents(stdin);
    const handlers = [
      on(stdin, 'keypress', pressed),
      on(stdin, 'end', terminate),
      on(stdin, 'error', terminate),
      on(stdout, 'resize', onRedraw),
      on(process, 'SIGINT', interrupt),
      on(process, 'SIGTERM', terminate),
      on(process, 'SIGHUP', terminate),
      on(process, 'SIGQUIT', terminate),
      on(process, 'SIGTSTP', ignore),
      on(process, 'SIGCONT', resume),
      on(process, 'exit', onExit),
    ];
    setRaw(true);
    stdin.resume();
    return () => {
      for (const signal of ENDING_SIGNALS) process.on(signal, ignore);
      for (const off of handlers) off();
      setRaw(false);
      stdin.pause();
    };
  },
};

function setRaw(isRaw: boolean): void {
  try {
    process.stdin.setRawMode?.(isRaw);
  } catch {
    // A terminal that has been closed has no mode any more.
  }
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
