/** The account name of a version's secret in the keychain; the store's id keeps two stores apart. */
export function keychainAccount(storeId: string, credentialId: string, version: number): string {
  return `${storeId}/${credentialId}/${version}`;
}

/** Takes an account name of this store apart; null for any other. */
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
