import type { IssuedSecret } from '../ports/ports.js';

/** Builds an issued secret from its text and the client id, if there is one. */
export function issuedSecret(clientId: string | null, text: string): IssuedSecret {
  return clientId === null
    ? { type: 'api-key', apiKey: text }
    : { type: 'oauth2', clientId, clientSecret: text };
}

/** The confidential part of an issued secret. */
export function secretText(secret: IssuedSecret): string {
  return secret.type === 'api-key' ? secret.apiKey : secret.clientSecret;
}
