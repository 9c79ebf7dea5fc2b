-- Run once, by the image of PostgreSQL, when it makes the database: the logins of compose.yaml.
-- Their passwords come from the environment, secrets/database.env.
\getenv admin_password ADMIN_PASSWORD
\getenv gateway_password GATEWAY_PASSWORD

-- Owns the store, and so may do everything with it.
create role admin login password :'admin_password';
alter database credctl owner to admin;

-- The server's. What it may do, `credctl store grant verifier` says.
create role gateway login password :'gateway_password';

revoke connect, temporary on database credctl from public;
grant connect on database credctl to gateway;
