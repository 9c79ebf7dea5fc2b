import type { Credential } from '../credential/credential.js';

/** Keychain account name of a version's secret, namespaced by the store's id. */
export function keychainAccount(storeId: string, credentialId: string, version: number): string {
  return `${storeId}/${credentialId}/${version}`;
}

/** Parses an account name of this store; null for any other. */
export function parseKeychainAccount(
  storeId: string,
  account: string,
): { readonly credentialId: string; readonly version: number } | null {
  const [store, credentialId = '', version = '', ...rest] = account.split('/');
  if (store !== storeId || credentialId === '' || rest.length > 0 || !/^[1-9]\d{0,8}$/.test(version)) {
    return null;
  }
  return { credentialId, version: Number(version) };
}

/** What programs that show a keychain call the entry of a version. */
export function keychainLabel({ name, type }: Pick<Credential, 'name' | 'type'>, version: number): string {
  return `credctl: ${name} (${type === 'api-key' ? 'API key' : 'OAuth 2.0 client'}, version ${version})`;
}
