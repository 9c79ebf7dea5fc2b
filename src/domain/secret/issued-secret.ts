import type { IssuedSecret } from '../ports/ports.js';

/** A secret's text with the client id that goes with it, if the credential has one. */
export function issuedSecret(clientId: string | null, text: string): IssuedSecret {
  return clientId === null
    ? { type: 'api-key', apiKey: text }
    : { type: 'oauth2', clientId, clientSecret: text };
}

/** The part that must be kept secret. */
export function secretText(secret: IssuedSecret): string {
  return secret.type === 'api-key' ? secret.apiKey : secret.clientSecret;
}
