import type { Delivery, IssuedSecret } from '../../domain/ports/ports.js';
import { secretText } from '../../domain/secret/issued-secret.js';
import { jsonDocument } from './json.js';

/** Output formats of a secret; `bare` (from `--quiet`) is the secret and a newline. */
export const SECRET_FORMATS = [
  'text',
  'json',
  'env',
  'dotenv',
  'k8s-secret',
  'docker-secret',
  'github-actions',
] as const;
/** An output format, or `bare`. */
export type SecretFormat = (typeof SECRET_FORMATS)[number] | 'bare';

/** Formats with variable names, which accept a prefix. */
export const VARIABLE_FORMATS: ReadonlySet<SecretFormat> = new Set([
  'env',
  'dotenv',
  'k8s-secret',
  'github-actions',
]);

/** What a format needs besides the secret. */
export interface SecretRendering {
  readonly format: SecretFormat;
  /** Replaces the credential's name in variable names. */
  readonly envPrefix: string | null;
  /** Further members of the JSON document. */
  readonly document: (delivery: Delivery) => { readonly [key: string]: unknown };
}

/** The exact text to deliver. */
export function renderSecret(delivery: Delivery, rendering: SecretRendering): string {
  const { secret } = delivery;
  switch (rendering.format) {
    case 'bare':
      return `${secretText(secret)}\n`;
    case 'text':
      return secret.type === 'api-key'
        ? `${secret.apiKey}\n`
        : `client_id=${secret.clientId}\nclient_secret=${secret.clientSecret}\n`;
    case 'json':
      return jsonDocument(rendering.document(delivery));
    case 'env':
      return variables(delivery, rendering.envPrefix)
        .map(([name, value]) => `export ${name}='${value}'\n`)
        .join('');
    case 'dotenv':
      return assignments(delivery, rendering.envPrefix);
    case 'k8s-secret':
      return kubernetesSecret(delivery, rendering.envPrefix);
    case 'docker-secret':
      // Programs read the whole file as the secret. The client id is omitted: it is public and constant.
      return secretText(secret);
    case 'github-actions':
      // A leading newline, as the file may lack a final one; the runner ignores empty lines.
      return `\n${assignments(delivery, rendering.envPrefix)}`;
  }
}

/** The `secret` member of JSON documents. */
export function secretView(secret: IssuedSecret) {
  return secret.type === 'api-key'
    ? { api_key: secret.apiKey }
    : { client_id: secret.clientId, client_secret: secret.clientSecret };
}

/** A credential's name as a prefix of shell variable names. */
export function variablePrefix(name: string): string {
  const upper = name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
  return /^\d/.test(upper) ? `_${upper}` : upper;
}

/** Assignments in the common syntax of .env files and GitHub Actions files. */
function assignments(delivery: Delivery, envPrefix: string | null): string {
  return variables(delivery, envPrefix)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Values contain only letters, digits and underscores, so no format needs quoting. */
function variables(delivery: Delivery, envPrefix: string | null): readonly (readonly [string, string])[] {
  const prefix = envPrefix ?? variablePrefix(delivery.credential.name);
  const { secret } = delivery;
  return secret.type === 'api-key'
    ? [[`${prefix}_API_KEY`, secret.apiKey]]
    : [
        [`${prefix}_CLIENT_ID`, secret.clientId],
        [`${prefix}_CLIENT_SECRET`, secret.clientSecret],
      ];
}

/** A Kubernetes Secret with variable names as keys, for `envFrom`. */
function kubernetesSecret(delivery: Delivery, envPrefix: string | null): string {
  const data = variables(delivery, envPrefix).map(([name, value]) => `  ${name}: ${value}\n`);
  return `apiVersion: v1
kind: Secret
metadata:
  name: "${kubernetesName(delivery.credential.name)}"
  labels:
    app.kubernetes.io/managed-by: credctl
type: Opaque
stringData:
${data.join('')}`;
}

/** A DNS subdomain name (RFC 1123): lower-case letters, digits, `-` and `.`, alphanumeric at both ends. */
function kubernetesName(name: string): string {
  const replaced = name.toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-');
  const labels = replaced.split('.').map((label) => label.replaceAll(/^-+|-+$/g, ''));
  return labels.filter((label) => label !== '').join('.');
}
