import { allApis, type Catalog, type CredentialType, resourcesAt } from '../../domain/scope/catalog.js';
import { formatScope } from '../../domain/scope/scope.js';
import { shellWord } from '../../domain/text/quote.js';

/** Context of the example requests. */
export interface ExampleSubject {
  /** Base URL of the server. */
  readonly url: string;
  /** The Unix socket to connect to instead of the URL's host; null for none. */
  readonly socket: string | null;
  /** The catalog of its store. */
  readonly catalog: Catalog;
  /** The store as the user named it; null for the default. */
  readonly store: string | null;
}

/**
 * An announced request for every endpoint, to be pasted into any POSIX shell. Secrets are read without echo and
 * passed through pipes, as other users can read arguments.
 */
export function requestExamples({ url, socket, catalog, store }: ExampleSubject): string {
  const curl = socket === null ? 'curl' : `curl --unix-socket ${shellWord(socket)}`;
  const body = (parameters: string, variables: string): string =>
    `printf '${parameters}' ${variables} | ${curl} -sd @- ${url}`;
  const header = (text: string, flags: string): string =>
    `printf '${text}' "$KEY" | ${curl} ${flags} @- ${url}`;
  const create = (name: string, type: CredentialType): string =>
    `credctl create ${name} --type ${type} --scope ${exampleScope(catalog, type)}${storeFlag(store)}`;
  const client = 'client_id=%s&client_secret=%s';
  const lines = [
    announced(`the key of: ${create('dev-key', 'api-key')}`),
    readUnseen('KEY'),
    announced(`client id and secret of: ${create('dev-client', 'oauth2')}`),
    `read -r CLIENT_ID; ${readUnseen('CLIENT_SECRET')}`,
    '',
    announced('is the key good?'),
    `${header('Authorization: Bearer %s', '-sH')}/rest/v1/auth/test`,
    announced('the same for a gateway, which requires a scope'),
    `${header('X-API-Key: %s', '-isH')}'/verify?scope=${exampleScope(catalog, 'api-key')}'`,
    announced('an access token'),
    `TOKEN=$(${body(`grant_type=client_credentials&${client}`, '"$CLIENT_ID" "$CLIENT_SECRET"')}/oauth/v1/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    announced('what is it good for?'),
    `${body(`token=%s&${client}`, '"$TOKEN" "$CLIENT_ID" "$CLIENT_SECRET"')}/oauth/v1/introspect`,
    announced('end it'),
    `${body(`token=%s&${client}`, '"$TOKEN" "$CLIENT_ID" "$CLIENT_SECRET"')}/oauth/v1/revoke`,
    announced('for clients that configure themselves'),
    `${curl} -s ${url}/.well-known/oauth-authorization-server`,
    announced('for monitoring'),
    `${curl} -s ${url}/healthz`,
    `${curl} -s ${url}/readyz`,
    `${curl} -s ${url}/metrics`,
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * An `echo`, as interactive zsh does not accept comments; preceded by a line break, as answers end without one.
 */
function announced(text: string): string {
  return `echo; echo ${shellWord(`# ${text}`)}`;
}

/** Reads without echo; `read -s` is not POSIX. */
function readUnseen(variable: string): string {
  return `stty -echo; read -r ${variable}; stty echo`;
}

/** The first scope in a catalog that the credential type may hold; at least the built-in one. */
function exampleScope(catalog: Catalog, type: CredentialType): string {
  for (const { id: api, types, resource: level, permissions } of allApis(catalog)) {
    const permission = permissions[0]?.id;
    const resourceId = level === 'none' ? undefined : resourcesAt(catalog, level)[0];
    if (!types.includes(type) || permission === undefined) continue;
    if (level === 'none') return formatScope({ api, permission, resource: null });
    if (resourceId !== undefined) {
      return formatScope({ api, permission, resource: { level, id: resourceId } });
    }
  }
  throw new TypeError('a catalog without the built-in API');
}

/** A URL may contain a password and is not repeated. */
function storeFlag(store: string | null): string {
  if (store === null) return '';
  return ` --store ${store.includes('://') ? '"$CREDCTL_STORE"' : shellWord(store)}`;
}
