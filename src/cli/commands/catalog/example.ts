/** The commented catalog that `credctl catalog init` writes. */
export const EXAMPLE_CATALOG = `# The APIs that credentials are issued for. Scopes are made of it: API:PERMISSION, such as orders:read.
# Look at it with 'credctl catalog check FILE', put it in place with 'credctl catalog apply -f FILE'.

name: shop

apis:
  - id: orders # lower-case letters, digits and -
    # All of these may be left out; here they are with their defaults.
    title: orders # for people; the id
    types: [oauth2, api-key] # which credentials may hold it
    resource: none # what its scopes are limited to: none, org, account or workspace
    access_token_ttl: 3600 # seconds that an access token of an OAuth client is good for
    # aliases: [orders-beta] # ids that it had before: what holds those scopes keeps working

    permissions:
      - read # short for { id: read, title: read }
      - { id: write, title: Place and change orders, description: Includes refunds }

  - id: stock
    resource: workspace # a scope names one: stock:read@workspace/berlin, or what is above it: @account/europe
    permissions: [read, count]

# The tree that scopes of such APIs are limited to: organisations, their accounts, their workspaces. Each id is unique at
# its level. What a scope allows on a resource, it allows on everything below.
resources:
  - id: shop
    accounts:
      - id: europe
        workspaces: [berlin, paris]
`;
