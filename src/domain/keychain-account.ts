/** The account name of a version's secret in the keychain; the store's id keeps two stores apart. */
export function keychainAccount(storeId: string, credentialId: string, version: number): string {
  return `${storeId}/${credentialId}/${version}`;
}
