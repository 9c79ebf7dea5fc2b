import type { Delivery, IssuedSecret } from '../../domain/ports/ports.js';
import { secretText } from '../../domain/secret/issued-secret.js';
import { jsonDocument } from './json.js';

/** How a secret is written out. `bare` is what `--quiet` asks for: the secret and a newline. */
export const SECRET_FORMATS = [
  'text',
  'json',
  'env',
  'dotenv',
  'k8s-secret',
  'docker-secret',
  'github-actions',
] as const;
export type SecretFormat = (typeof SECRET_FORMATS)[number] | 'bare';

/** The formats that hold variables, so that a prefix for their names means something. */
export const VARIABLE_FORMATS: ReadonlySet<SecretFormat> = new Set([
  'env',
  'dotenv',
  'k8s-secret',
  'github-actions',
]);

/** What a format may need besides the secret. */
export interface SecretRendering {
  readonly format: SecretFormat;
  /** Takes the place of the name in variable names. */
  readonly envPrefix: string | null;
  /** The JSON document's other members. */
  readonly document: (delivery: Delivery) => { readonly [key: string]: unknown };
}

/** The exact bytes that are handed over. */
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
      // Programs read the whole file as the secret. A client id is none: it is public, and never changes.
      return secretText(secret);
    case 'github-actions':
      // Whatever was appended before may lack its line's end; the runner passes over empty lines.
      return `\n${assignments(delivery, rendering.envPrefix)}`;
  }
}

/** The `secret` member of JSON documents. */
export function secretView(secret: IssuedSecret) {
  return secret.type === 'api-key'
    ? { api_key: secret.apiKey }
    : { client_id: secret.clientId, client_secret: secret.clientSecret };
}

/** The name of a credential as the beginning of a shell variable's name. */
export function variablePrefix(name: string): string {
  const upper = name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
  return /^\d/.test(upper) ? `_${upper}` : upper;
}

/** Lines that the readers of .env files and of the files of a GitHub Actions job understand alike. */
function assignments(delivery: Delivery, envPrefix: string | null): string {
  return variables(delivery, envPrefix)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** The values hold letters, digits and underscores only, so no format needs to quote or delimit them. */
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

/** A Secret whose keys are variable names, ready for `envFrom`. */
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

/** RFC 1123 subdomain: lower case, letters, digits, `-` and `.`, letters or digits at both ends. */
function kubernetesName(name: string): string {
  const replaced = name.toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-');
  const labels = replaced.split('.').map((label) => label.replaceAll(/^-+|-+$/g, ''));
  return labels.filter((label) => label !== '').join('.');
}
