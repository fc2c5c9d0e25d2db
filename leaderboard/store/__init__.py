"""The only writer of DuckDB: schema, ingest, derived tables, published editions."""
