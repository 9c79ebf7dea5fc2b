/** The commented catalog that `credctl catalog init` writes. */
export const EXAMPLE_CATALOG = `# The APIs that credentials are issued for. Scopes are built from this file: API:PERMISSION, such as orders:read.
# Check it with 'credctl catalog check FILE', then apply it with 'credctl catalog apply -f FILE'.

name: shop

apis:
  - id: orders # lower-case letters, digits and -
    # You can leave these out; the values here are the defaults.
    title: orders # the name that people see (default: the id)
    types: [oauth2, api-key] # which types of credentials may have its scopes
    resource: none # a scope names one of these: org, account or workspace; or none
    access_token_ttl: 3600 # how many seconds an access token lasts
    # aliases: [orders-beta] # its former ids; credentials with such scopes keep working

    permissions:
      - read # short for { id: read, title: read }
      - { id: write, title: Place and change orders, description: Includes refunds }

  - id: stock
    resource: workspace # a scope names a workspace, stock:read@workspace/berlin, or its account, stock:read@account/europe
    permissions: [read, count]

# The resources that scopes can name: organisations, their accounts, their workspaces. Each id is unique at
# its level. A scope for a resource also allows everything below it.
resources:
  - id: shop
    accounts:
      - id: europe
        workspaces: [berlin, paris]
`;
