# A node of a Citus cluster, coordinator or worker: Citus's own image, and the vectors that it does not have.
FROM citusdata/citus:13.2.0
RUN apt-get update \
  && apt-get install -y --no-install-recommends "postgresql-$PG_MAJOR-pgvector" \
  && rm -rf /var/lib/apt/lists/*
