import type { SecretKind } from './secret-format.js';

/** The parts of a handle, which names one version of a credential. */
export interface Handle {
  readonly prefix: string;
  readonly kind: Exclude<SecretKind, 'tok'>;
  /** 12 base62 characters. */
  readonly id: string;
}

const HANDLE = /^([a-z][a-z0-9]{1,11})_(key|sec|tok)_([0-9A-Za-z]{12})$/;
const HANDLE_LIKE = /^[a-z][a-z0-9]{1,11}_(?:key|sec|tok)_[0-9a-z]{12}$/i;

/** Parses the handle of an API key or a client secret, with any prefix; null for anything else. */
export function parseHandle(text: string): Handle | null {
  const handle = parseAnyHandle(text);
  if (handle === null || handle.kind === 'tok') return null;
  const { prefix, kind, id } = handle;
  return { prefix, kind, id };
}

/** The parts of a handle of any secret, an access token's included. */
export interface AnyHandle extends Omit<Handle, 'kind'> {
  readonly kind: SecretKind;
}

/** Parses the handle of any secret, with any prefix; null for anything else. */
export function parseAnyHandle(text: string): AnyHandle | null {
  const [, prefix, kind, id] = HANDLE.exec(text) ?? [];
  if (prefix === undefined || id === undefined) return null;
  if (kind !== 'key' && kind !== 'sec' && kind !== 'tok') return null;
  return { prefix, kind, id };
}

/** Whether the text has the shape of a handle in any case, an access token's included. */
export function isHandleShape(text: string): boolean {
  return HANDLE_LIKE.test(text);
}
