/**
 * A request for every endpoint, ready to paste into a shell in which `KEY`, `CLIENT_ID` and `CLIENT_SECRET` are set.
 * Secrets go through pipes, since others could read an argument.
 */
export function requestExamples(url: string): string {
  const body = (parameters: string, variables: string): string =>
    `printf '${parameters}' ${variables} | curl -sd @- ${url}`;
  const header = (text: string): string => `printf '${text}' "$KEY" | curl -sH @- ${url}`;
  const client = 'client_id=%s&client_secret=%s';
  const lines = [
    '# credctl create dev-key --type api-key --scope data:users -q',
    'read -rs KEY',
    '# credctl create dev-client --scope data:users',
    'read -r CLIENT_ID; read -rs CLIENT_SECRET',
    '',
    '# is the key good?',
    `${header('Authorization: Bearer %s')}/rest/v1/auth/test`,
    '# the same for a gateway, which requires a scope',
    `${header('X-API-Key: %s').replace('curl -s', 'curl -is')}'/verify?scope=data:users'`,
    '# an access token',
    `TOKEN=$(${body(`grant_type=client_credentials&${client}`, '"$CLIENT_ID" "$CLIENT_SECRET"')}/oauth/v1/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    '# what is it good for?',
    `${body(`token=%s&${client}`, '"$TOKEN" "$CLIENT_ID" "$CLIENT_SECRET"')}/oauth/v1/introspect`,
    '# end it',
    `${body(`token=%s&${client}`, '"$TOKEN" "$CLIENT_ID" "$CLIENT_SECRET"')}/oauth/v1/revoke`,
    '# for clients that configure themselves',
    `curl -s ${url}/.well-known/oauth-authorization-server`,
    '# for whoever watches the server',
    `curl -s ${url}/healthz`,
    `curl -s ${url}/readyz`,
    `curl -s ${url}/metrics`,
  ];
  return `${lines.join('\n')}\n`;
}
