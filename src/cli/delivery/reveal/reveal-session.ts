import { CredctlError } from '../../../domain/errors.js';
import type { Key, Keyboard } from './keyboard.js';
import { type PageContent, pageLines, type Size } from './page.js';
import { openScreen, type Screen } from './screen.js';

/** A further action on a key; it returns a status message. */
export interface RevealAction {
  readonly key: string;
  /** Description of the key, such as `copy it`. */
  readonly title: string;
  /** Prompt for text needed by the action; null for none. */
  readonly asksFor: string | null;
  readonly run: (answer: string) => Promise<string>;
}

/** Content and actions of a reveal screen. */
export interface Reveal {
  readonly content: Pick<PageContent, 'title' | 'facts' | 'label' | 'secret'>;
  readonly actions: readonly RevealAction[];
  /** An action whose availability is determined asynchronously. */
  readonly laterAction: Promise<RevealAction | null>;
  /** What remains once the secret was revoked. */
  readonly afterRevoking: string;
}

/** The terminal of a reveal screen. */
export interface RevealTerminal {
  readonly keyboard: Keyboard;
  readonly size: () => Size;
  /** Writes synchronously, or throws. */
  readonly write: (text: string) => void;
}

/** Type-ahead guard: keys within this time after the page was shown are ignored, in milliseconds. */
const TYPED_AHEAD_MS = 300;

/**
 * Shows a secret on the alternate screen until the user confirms that it is stored.
 *
 * @throws CredctlError `interrupted` on Ctrl-C, `terminated` on a signal and when the terminal is closed
 */
export function revealUntilStored(
  terminal: RevealTerminal,
  { content, actions: firstActions, laterAction, afterRevoking }: Reveal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let actions = firstActions;
    let isReady = false;
    let isBusy = false;
    let isPasting = false;
    let status = '';
    let typing: { readonly action: RevealAction; readonly text: string } | null = null;
    let ending: (() => void) | null = null;
    let isOver = false;
    let isAway = false;
    let screen: Screen | null = null;
    let timer: NodeJS.Timeout | undefined;
    let stopListening = (): void => {};
    stopListening = terminal.keyboard.listen({
      onKey: pressed,
      onStop() {
        isAway = true;
        leaveScreen();
      },
      onContinue() {
        isAway = false;
        show();
      },
      onRedraw: draw,
      onEnd: (code) => end(() => reject(revoked(code))),
      onExit: restore,
    });
    if (isOver) stopListening();
    laterAction.then(offer);
    show();

    function revoked(code: 'interrupted' | 'terminated'): CredctlError {
      return new CredctlError(code, `${code}; the new secret was revoked`, { hint: afterRevoking });
    }

    /** Shows the page and restarts the type-ahead guard. */
    function show(): void {
      clearTimeout(timer);
      if (isOver) return;
      isReady = false;
      timer = setTimeout(() => {
        isReady = true;
        draw();
      }, TYPED_AHEAD_MS);
      draw();
    }

    function draw(): void {
      if (isOver || isAway) return;
      const size = terminal.size();
      const lines = pageLines({ ...content, status: statusLine(size), keys: keyLines() }, size);
      const shown = lines ?? [{ text: 'Enlarge the window.', isSecret: false, height: 1 }];
      try {
        screen ??= openScreen(terminal.write, terminal.size);
        screen.show(shown);
      } catch {
        end(() => reject(revoked('terminated')));
      }
    }

    function statusLine({ columns }: Size): string {
      if (typing === null) return status;
      const question = `${typing.action.asksFor}: `;
      const room = Math.max(1, columns - question.length - 1);
      return `${question}${shownText(typing.text).slice(-room)}_`;
    }

    function keyLines(): readonly string[] {
      if (!isReady) return [];
      if (typing !== null) return ['Enter: go ahead', 'Esc: back', 'Ctrl-C: revoke it'];
      return [
        'Enter: it is stored',
        ...actions.map(({ key, title }) => `${key}: ${title}`),
        'Ctrl-C: revoke it',
      ];
    }

    function offer(action: RevealAction | null): void {
      if (action === null) return;
      actions = [...actions, action];
      draw();
    }

    /**
     * Bracketed paste: pasted text is accepted only as requested input, never as keys, since it may be meant
     * for another window.
     */
    function pressed(key: Key): void {
      if (isAway) return;
      if (key.isControl && key.name === 'c') end(() => reject(revoked('interrupted')));
      else if (key.name === 'paste-start' || key.name === 'paste-end') isPasting = key.name === 'paste-start';
      else if (isPasting && (typing === null || !isText(key))) return;
      else if (!isReady || isBusy || ending !== null) return;
      else if (typing !== null) typed(typing, key);
      else if (isEnter(key)) end(resolve);
      else begin(actions.find((action) => action.key === key.text));
    }

    function begin(action: RevealAction | undefined): void {
      if (action?.asksFor === null) perform(action, '');
      else if (action !== undefined) {
        typing = { action, text: '' };
        draw();
      }
    }

    function typed({ action, text }: NonNullable<typeof typing>, key: Key): void {
      const isDone = isEnter(key) || key.name === 'escape';
      typing = isDone ? null : { action, text: edited(text, key) };
      if (isEnter(key) && text !== '') perform(action, text);
      else draw();
    }

    /** Runs an action; an end requested in between waits for it, so that its effect can be undone. */
    function perform(action: RevealAction, answer: string): void {
      isBusy = true;
      status = '...';
      draw();
      action
        .run(answer)
        .catch((fault: unknown) => `not done: ${fault instanceof Error ? fault.message : 'unknown fault'}`)
        .then((said) => {
          isBusy = false;
          status = shownText(said);
          if (ending === null) draw();
          else finish();
        });
    }

    function end(settle: () => void): void {
      ending ??= settle;
      if (!isBusy) finish();
    }

    function finish(): void {
      restore();
      ending?.();
    }

    function restore(): void {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      leaveScreen();
      stopListening();
    }

    function leaveScreen(): void {
      try {
        screen?.leave();
      } catch {
        // Ignored: a closed terminal shows nothing.
      }
      screen = null;
    }
  });
}

function isEnter({ name }: Key): boolean {
  return name === 'return' || name === 'enter';
}

function edited(text: string, key: Key): string {
  if (key.name === 'backspace') return Array.from(text).slice(0, -1).join('');
  if (key.isControl) return key.name === 'u' ? '' : text;
  return isText(key) ? text + key.text : text;
}

function isText({ text }: Key): boolean {
  return /^[^\p{Cc}]+$/u.test(text);
}

/** On this page one character must be one column. */
function shownText(text: string): string {
  return text.replaceAll(/[^ -~]/gu, '?');
}
