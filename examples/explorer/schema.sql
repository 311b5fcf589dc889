-- An explorer of wallets and apps, shaped like WalletConnect's of 2023: a small registry of listings
-- beside projects, keys, origins and usage that grow with the business. The real schema is not
-- public; tables and columns follow the fields of its public API.
CREATE TABLE project (
    id uuid PRIMARY KEY,
    project_key char(32) NOT NULL UNIQUE,
    creator uuid NOT NULL,
    name text NOT NULL,
    contact text NOT NULL,
    is_enabled boolean NOT NULL,
    is_verify_enabled boolean NOT NULL,
    is_rate_limited boolean NOT NULL,
    push_url text,
    tier text NOT NULL CHECK (tier IN ('free', 'pro', 'enterprise')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX project_creator ON project (creator);

CREATE TABLE project_api_key (
    project_id uuid NOT NULL REFERENCES project,
    value char(32) NOT NULL,
    is_valid boolean NOT NULL,
    PRIMARY KEY (project_id, value)
);
CREATE UNIQUE INDEX project_api_key_value ON project_api_key (value);

CREATE TABLE project_origin (
    project_id uuid NOT NULL REFERENCES project,
    kind text NOT NULL CHECK (kind IN ('allowed', 'verified', 'bundle', 'package')),
    value text NOT NULL
);
CREATE INDEX project_origin_project ON project_origin (project_id);

CREATE TABLE project_usage (
    project_id uuid NOT NULL REFERENCES project,
    day date NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (project_id, day)
);
CREATE INDEX project_usage_day ON project_usage (day);

CREATE TABLE project_feature (
    project_id uuid NOT NULL REFERENCES project,
    feature_id text NOT NULL,
    is_enabled boolean NOT NULL,
    config jsonb NOT NULL,
    PRIMARY KEY (project_id, feature_id)
);

CREATE TABLE listing (
    id char(64) PRIMARY KEY,
    project_id uuid REFERENCES project,
    app_type text NOT NULL CHECK (app_type IN ('wallet', 'dapp', 'hybrid')),
    name text NOT NULL,
    slug text NOT NULL UNIQUE,
    description text NOT NULL,
    homepage text NOT NULL,
    "order" int NOT NULL,
    mobile jsonb NOT NULL,
    desktop jsonb NOT NULL,
    app jsonb NOT NULL,
    metadata jsonb NOT NULL,
    status text NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX listing_project ON listing (project_id);
CREATE TABLE listing_chain (
    listing_id char(64) NOT NULL REFERENCES listing,
    chain_id text NOT NULL,
    PRIMARY KEY (listing_id, chain_id)
);
CREATE INDEX listing_chain_chain ON listing_chain (chain_id);
