CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;
CREATE FUNCTION public.refuse_change_of_log() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
   begin raise exception 'the log is append-only'; end $$;
CREATE TABLE public.associations (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    a uuid NOT NULL,
    b uuid NOT NULL,
    count integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT associations_check CHECK ((a < b))
)
WITH (fillfactor='80');
CREATE TABLE public.citations (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    recall_id uuid NOT NULL,
    memory_id uuid NOT NULL
);
CREATE TABLE public.conversation_turns (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    conversation_id uuid NOT NULL,
    ordinal bigint NOT NULL,
    memory_id uuid NOT NULL
);
CREATE TABLE public.conversations (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    conversation_id uuid NOT NULL,
    name text NOT NULL
);
CREATE TABLE public.discarded_vectors (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    model_id integer NOT NULL,
    since timestamp with time zone NOT NULL
);
CREATE TABLE public.embedding_failures (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    memory_id uuid NOT NULL,
    version integer NOT NULL,
    model_id integer NOT NULL,
    attempts integer NOT NULL,
    next_attempt_at timestamp with time zone NOT NULL
);
CREATE TABLE public.embedding_models (
    model_id integer NOT NULL,
    provider text NOT NULL,
    name text NOT NULL,
    dimensions integer NOT NULL
);
ALTER TABLE public.embedding_models ALTER COLUMN model_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.embedding_models_model_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.events (
    shard smallint NOT NULL,
    "position" bigint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    id uuid NOT NULL,
    type text NOT NULL,
    schema_version smallint NOT NULL,
    request_id text,
    conversation_id uuid,
    memory_ids uuid[] NOT NULL,
    payload jsonb NOT NULL,
    actor text,
    occurred_at timestamp with time zone,
    recorded_at timestamp with time zone NOT NULL
);
CREATE TABLE public.fold_checkpoints (
    shard smallint NOT NULL,
    projection text NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    rules_version integer NOT NULL,
    leased_by text,
    leased_until timestamp with time zone
);
CREATE TABLE public.import_lines (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    digest text NOT NULL,
    line integer NOT NULL,
    text text NOT NULL,
    event_id uuid,
    content_hash bytea
);
CREATE TABLE public.imports (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    digest text NOT NULL,
    stage text DEFAULT 'receiving'::text NOT NULL,
    received integer DEFAULT 0 NOT NULL,
    applied integer DEFAULT 0 NOT NULL,
    touched_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT imports_stage_check CHECK ((stage = ANY (ARRAY['receiving'::text, 'checking'::text, 'applying'::text, 'done'::text])))
);
CREATE TABLE public.kysely_migration (
    name character varying(255) NOT NULL,
    "timestamp" character varying(255) NOT NULL
);
CREATE TABLE public.kysely_migration_lock (
    id character varying(255) NOT NULL,
    is_locked integer DEFAULT 0 NOT NULL
);
CREATE TABLE public.lexemes (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    lexeme text NOT NULL COLLATE pg_catalog."C",
    memories integer NOT NULL
)
WITH (fillfactor='80');
CREATE TABLE public.memories (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    memory_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    content text NOT NULL,
    content_hash bytea,
    category text,
    tags text[] NOT NULL,
    source text,
    conversation_id uuid,
    occurred_at timestamp with time zone,
    visibility text DEFAULT 'live'::text NOT NULL,
    merged_into uuid,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    fts tsvector NOT NULL,
    expires_at timestamp with time zone,
    CONSTRAINT memories_visibility_check CHECK ((visibility = ANY (ARRAY['live'::text, 'hidden'::text, 'merged'::text, 'erased'::text, 'expired'::text])))
);
CREATE TABLE public.memory_state (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    memory_id uuid NOT NULL,
    tier smallint NOT NULL,
    access_count integer NOT NULL,
    phi integer NOT NULL,
    is_catalyst boolean NOT NULL,
    last_accessed timestamp with time zone NOT NULL,
    conversations uuid[] NOT NULL,
    tier_set smallint DEFAULT 0 NOT NULL,
    tier_set_at integer DEFAULT 0 NOT NULL,
    visibility smallint DEFAULT 0 NOT NULL
)
WITH (fillfactor='80');
CREATE TABLE public.memory_versions (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    memory_id uuid NOT NULL,
    version integer NOT NULL,
    content text NOT NULL,
    replaced_at timestamp with time zone NOT NULL
);
CREATE TABLE public.merge_groups (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    memory_id uuid NOT NULL,
    survivor uuid,
    similarity double precision,
    merged_at bigint,
    access_count integer NOT NULL,
    phi integer NOT NULL,
    is_catalyst boolean NOT NULL,
    last_accessed timestamp with time zone NOT NULL,
    conversations uuid[] NOT NULL
);
CREATE TABLE public.query_vectors (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    model_id integer NOT NULL,
    text_hash bytea NOT NULL,
    embedding bytea NOT NULL,
    used_at timestamp with time zone NOT NULL
);
CREATE TABLE public.receipts (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    recall_id uuid NOT NULL,
    "position" bigint NOT NULL,
    state_position bigint NOT NULL,
    profile text NOT NULL,
    hits jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.reembeddings (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    model_id integer NOT NULL,
    after uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    total integer NOT NULL,
    texts_per_second integer,
    checked bigint NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    problem text,
    leased_by text,
    leased_until timestamp with time zone
);
CREATE TABLE public.requests (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL,
    fingerprint text NOT NULL,
    outcome jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.shard_heads (
    shard smallint NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    recorded_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    importing text[] DEFAULT '{}'::text[] NOT NULL
);
CREATE TABLE public.snapshots (
    shard smallint NOT NULL,
    "position" bigint NOT NULL,
    rules_version integer NOT NULL
);
CREATE TABLE public.spaces (
    space_id text NOT NULL COLLATE pg_catalog."C",
    shard smallint NOT NULL,
    model_id integer NOT NULL,
    conversation_salt bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    decayed_at timestamp with time zone,
    importing_since timestamp with time zone
);
CREATE TABLE public.state_snapshots (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    memory_id uuid NOT NULL,
    "position" bigint NOT NULL,
    last_accessed timestamp with time zone NOT NULL,
    merged_at bigint,
    similarity double precision,
    survivor uuid,
    access_count integer NOT NULL,
    phi integer NOT NULL,
    tier_set_at integer NOT NULL,
    tier_set smallint NOT NULL,
    visibility smallint NOT NULL,
    is_catalyst boolean NOT NULL
);
CREATE TABLE public.tier_changes (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    memory_id uuid NOT NULL,
    "position" bigint NOT NULL,
    from_tier smallint NOT NULL,
    to_tier smallint NOT NULL,
    reason text NOT NULL
);
CREATE TABLE public.tier_reasons (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    memory_id uuid NOT NULL,
    "position" bigint NOT NULL,
    reason text NOT NULL
);
CREATE TABLE public.vectors_1 (
    shard smallint NOT NULL,
    space_id text NOT NULL COLLATE pg_catalog."C",
    memory_id uuid NOT NULL,
    version integer NOT NULL,
    chunk smallint NOT NULL,
    embedding public.halfvec(64) NOT NULL
);
ALTER TABLE ONLY public.vectors_1 ALTER COLUMN embedding SET STORAGE PLAIN;
INSERT INTO public.associations VALUES (59, 'ada', '01a2048f-9c7f-7554-aafe-d9be26a99f9c', '01a2048f-9ca8-7493-8646-ad6e81869bbd', 6, '2026-11-22 18:40:50.97+00');
INSERT INTO public.associations VALUES (59, 'ada', '01a2048f-9c7f-7554-aafe-d9be26a99f9c', '01a2048f-9cd0-7426-bf2f-4fb685610225', 6, '2026-11-22 18:40:50.97+00');
INSERT INTO public.associations VALUES (59, 'ada', '01a2048f-9ca8-7493-8646-ad6e81869bbd', '01a2048f-9cd0-7426-bf2f-4fb685610225', 6, '2026-11-22 18:40:50.97+00');
INSERT INTO public.citations VALUES (59, 'ada', '01a2048f-9e3d-71b7-845e-3c4c461ce3e7', '01a2048f-9c7f-7554-aafe-d9be26a99f9c');
INSERT INTO public.citations VALUES (59, 'ada', '01a2048f-9e3d-71b7-845e-3c4c461ce3e7', '01a2048f-9ca8-7493-8646-ad6e81869bbd');
INSERT INTO public.conversation_turns VALUES (59, 'ada', '8f06be26-1aa4-bc8d-62ff-8d85806ceadb', 1, '01a2048f-9c7f-7554-aafe-d9be26a99f9c');
INSERT INTO public.conversation_turns VALUES (59, 'ada', '8f06be26-1aa4-bc8d-62ff-8d85806ceadb', 2, '01a2048f-9ca8-7493-8646-ad6e81869bbd');
INSERT INTO public.conversations VALUES (59, 'ada', '8f06be26-1aa4-bc8d-62ff-8d85806ceadb', 'breakfast');
INSERT INTO public.conversations VALUES (59, 'ada', '4d96dbe4-025a-d10d-05e8-2211b5299927', 'talk 0');
INSERT INTO public.conversations VALUES (59, 'ada', '1a590e94-0976-eae8-44d9-92dfe877bb30', 'talk 1');
INSERT INTO public.conversations VALUES (59, 'ada', '076ff809-5678-d052-e86f-318ffcffa62c', 'talk 2');
INSERT INTO public.conversations VALUES (59, 'ada', '81992ab8-5afe-31dd-0df5-b663a2a6caa5', 'talk 3');
INSERT INTO public.conversations VALUES (59, 'ada', '589f8fa2-29c1-7377-0b6a-c9a9c2891c27', 'talk 4');
INSERT INTO public.conversations VALUES (59, 'ada', '56b651b2-3464-660f-56ff-a225caf82e06', 'talk 5');
INSERT INTO public.embedding_models OVERRIDING SYSTEM VALUE VALUES (1, 'test', 'words', 64);
INSERT INTO public.events VALUES (59, 1, 'ada', '01a2048f-9c7e-75c4-8631-eb9f639f63d1', 'memory.added', 1, NULL, '8f06be26-1aa4-bc8d-62ff-8d85806ceadb', '{01a2048f-9c7f-7554-aafe-d9be26a99f9c}', '{"catalyst": false}', NULL, NULL, '2026-11-22 18:40:50.327+00');
INSERT INTO public.events VALUES (59, 2, 'ada', '01a2048f-9ca8-7493-8646-abf6df0d4542', 'memory.added', 1, NULL, '8f06be26-1aa4-bc8d-62ff-8d85806ceadb', '{01a2048f-9ca8-7493-8646-ad6e81869bbd}', '{"catalyst": false}', NULL, NULL, '2026-11-22 18:40:50.36+00');
INSERT INTO public.events VALUES (59, 3, 'ada', '01a2048f-9cc0-76dd-88d5-4c4d787ad506', 'memory.added', 1, NULL, NULL, '{01a2048f-9cc0-76dd-88d5-508256ba6d79}', '{"catalyst": true}', NULL, '2026-01-02 03:04:05+00', '2026-11-22 18:40:50.374+00');
INSERT INTO public.events VALUES (59, 4, 'ada', '01a2048f-9ccf-726e-ad4e-2eaa5cdfd095', 'memory.added', 1, NULL, NULL, '{01a2048f-9cd0-7426-bf2f-4fb685610225}', '{"catalyst": false}', NULL, NULL, '2026-11-22 18:40:50.389+00');
INSERT INTO public.events VALUES (59, 5, 'ada', '01a2048f-9ce3-718f-bd4f-4bd3ae7fac4b', 'memory.added', 1, NULL, NULL, '{01a2048f-9ce4-7486-ae8f-9b3a1277c4d7}', '{"catalyst": false}', NULL, NULL, '2026-11-22 18:40:50.414+00');
INSERT INTO public.events VALUES (59, 6, 'ada', '01a2048f-9cf5-7582-8920-1c4aadafedf2', 'memory.added', 1, NULL, NULL, '{01a2048f-9cf5-7582-8920-237cefdf83c3}', '{"catalyst": false}', NULL, NULL, '2026-11-22 18:40:50.429+00');
INSERT INTO public.events VALUES (59, 7, 'ada', '01a2048f-9d06-70ec-8fa1-01a62239547a', 'memory.accessed', 1, NULL, NULL, '{01a2048f-9c7f-7554-aafe-d9be26a99f9c}', '{"via": "duplicate", "revived": false, "catalyst": false}', NULL, NULL, '2026-11-22 18:40:50.442+00');
INSERT INTO public.events VALUES (59, 8, 'ada', '01a2048f-9d12-7563-9438-2b83d98bdd61', 'memory.added', 1, NULL, NULL, '{01a2048f-9d12-7563-9438-2ee7de64bb06}', '{"catalyst": false}', NULL, NULL, '2026-11-22 18:40:50.453+00');
INSERT INTO public.events VALUES (20, 1, 'bob', '01a2048f-9d24-779d-a4b1-490b8c1f26f2', 'memory.added', 1, NULL, NULL, '{01a2048f-9d24-779d-a4b1-4edc127506aa}', '{"catalyst": false}', NULL, NULL, '2026-11-22 18:40:50.475+00');
INSERT INTO public.events VALUES (20, 2, 'bob', '01a2048f-9d24-779d-a4b1-51376a0ad309', 'memory.added', 1, NULL, NULL, '{01a2048f-9d24-779d-a4b1-56e476a1d81a}', '{"catalyst": false}', NULL, NULL, '2026-11-22 18:40:50.475+00');
INSERT INTO public.events VALUES (20, 3, 'bob', '01a2048f-9d24-779d-a4b1-5b87987d519c', 'memory.added', 1, NULL, NULL, '{01a2048f-9d24-779d-a4b1-5c06bc39ab85}', '{"catalyst": false}', NULL, NULL, '2026-11-22 18:40:50.475+00');
INSERT INTO public.events VALUES (59, 9, 'ada', '01a2048f-9e3d-71b7-845e-3c4c461ce3e7', 'memory.accessed', 1, NULL, '4d96dbe4-025a-d10d-05e8-2211b5299927', '{01a2048f-9c7f-7554-aafe-d9be26a99f9c,01a2048f-9ca8-7493-8646-ad6e81869bbd,01a2048f-9cd0-7426-bf2f-4fb685610225}', '{"via": "query", "profile": "hybrid"}', NULL, NULL, '2026-11-22 18:40:50.775+00');
INSERT INTO public.events VALUES (59, 10, 'ada', '01a2048f-9e5d-7071-95e8-5df61c382fce', 'memory.cited', 1, NULL, NULL, '{01a2048f-9c7f-7554-aafe-d9be26a99f9c,01a2048f-9ca8-7493-8646-ad6e81869bbd}', '{"recallId": "01a2048f-9e3d-71b7-845e-3c4c461ce3e7"}', NULL, NULL, '2026-11-22 18:40:50.793+00');
INSERT INTO public.events VALUES (59, 11, 'ada', '01a2048f-9e7d-7270-bfcf-a0a86d61d806', 'memory.accessed', 1, NULL, '1a590e94-0976-eae8-44d9-92dfe877bb30', '{01a2048f-9c7f-7554-aafe-d9be26a99f9c,01a2048f-9ca8-7493-8646-ad6e81869bbd,01a2048f-9cd0-7426-bf2f-4fb685610225}', '{"via": "query", "profile": "hybrid"}', NULL, NULL, '2026-11-22 18:40:50.828+00');
INSERT INTO public.events VALUES (59, 12, 'ada', '01a2048f-9e97-7251-ba89-773eca5766a8', 'memory.accessed', 1, NULL, '076ff809-5678-d052-e86f-318ffcffa62c', '{01a2048f-9c7f-7554-aafe-d9be26a99f9c,01a2048f-9ca8-7493-8646-ad6e81869bbd,01a2048f-9cd0-7426-bf2f-4fb685610225}', '{"via": "query", "profile": "hybrid"}', NULL, NULL, '2026-11-22 18:40:50.859+00');
INSERT INTO public.events VALUES (59, 13, 'ada', '01a2048f-9ec1-7139-8d03-11eeb0d92ee6', 'memory.accessed', 1, NULL, '81992ab8-5afe-31dd-0df5-b663a2a6caa5', '{01a2048f-9c7f-7554-aafe-d9be26a99f9c,01a2048f-9ca8-7493-8646-ad6e81869bbd,01a2048f-9cd0-7426-bf2f-4fb685610225}', '{"via": "query", "profile": "hybrid"}', NULL, NULL, '2026-11-22 18:40:50.917+00');
INSERT INTO public.events VALUES (59, 14, 'ada', '01a2048f-9f03-73dd-8e44-4cc467c654a8', 'memory.accessed', 1, NULL, '589f8fa2-29c1-7377-0b6a-c9a9c2891c27', '{01a2048f-9c7f-7554-aafe-d9be26a99f9c,01a2048f-9ca8-7493-8646-ad6e81869bbd,01a2048f-9cd0-7426-bf2f-4fb685610225}', '{"via": "query", "profile": "hybrid"}', NULL, NULL, '2026-11-22 18:40:50.954+00');
INSERT INTO public.events VALUES (59, 15, 'ada', '01a2048f-9f12-700a-8dc5-ee45ffb2def6', 'memory.accessed', 1, NULL, '56b651b2-3464-660f-56ff-a225caf82e06', '{01a2048f-9c7f-7554-aafe-d9be26a99f9c,01a2048f-9ca8-7493-8646-ad6e81869bbd,01a2048f-9cd0-7426-bf2f-4fb685610225}', '{"via": "query", "profile": "hybrid"}', NULL, NULL, '2026-11-22 18:40:50.97+00');
INSERT INTO public.events VALUES (59, 16, 'ada', '3437da9e-a93d-46ca-908e-40e5ab7997c3', 'memory.updated', 1, NULL, NULL, '{01a2048f-9cd0-7426-bf2f-4fb685610225}', '{"version": 2}', NULL, NULL, '2026-11-22 18:40:50.987+00');
INSERT INTO public.events VALUES (59, 17, 'ada', '08259ec5-c363-43a0-b31d-a6d414d153c6', 'memory.forgotten', 1, NULL, NULL, '{01a2048f-9ce4-7486-ae8f-9b3a1277c4d7}', '{}', NULL, NULL, '2026-11-22 18:40:51.037+00');
INSERT INTO public.events VALUES (59, 18, 'ada', '9386c1b3-0ab9-4d84-b35f-92d61c5e9cea', 'memory.erased', 1, NULL, NULL, '{01a2048f-9cf5-7582-8920-237cefdf83c3}', '{}', NULL, NULL, '2026-11-22 18:40:51.052+00');
INSERT INTO public.events VALUES (59, 19, 'ada', 'f734094a-107f-451b-8c06-524bd7a5429b', 'memory.tiered', 1, NULL, NULL, '{01a2048f-9cc0-76dd-88d5-508256ba6d79}', '{"tier": "network"}', NULL, NULL, '2026-11-22 18:40:51.11+00');
INSERT INTO public.events VALUES (59, 20, 'ada', '68385ec5-2946-40c3-825f-23de7cd8dd6b', 'memory.marked', 1, NULL, NULL, '{01a2048f-9ca8-7493-8646-ad6e81869bbd}', '{"catalyst": true}', NULL, NULL, '2026-11-22 18:40:51.162+00');
INSERT INTO public.fold_checkpoints VALUES (0, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (1, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (2, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (3, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (4, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (5, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (6, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (7, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (8, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (9, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (10, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (11, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (12, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (13, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (14, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (15, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (16, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (17, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (18, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (19, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (21, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (22, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (23, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (24, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (25, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (26, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (27, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (28, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (29, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (30, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (31, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (32, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (33, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (34, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (35, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (36, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (37, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (38, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (39, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (40, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (41, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (42, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (43, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (44, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (45, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (46, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (47, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (48, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (49, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (50, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (51, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (52, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (53, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (54, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (55, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (56, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (57, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (58, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (60, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (61, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (62, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (63, 'memory_state', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (0, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (1, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (2, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (3, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (4, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (5, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (6, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (7, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (8, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (9, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (10, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (11, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (12, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (13, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (14, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (15, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (16, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (17, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (18, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (19, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (21, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (22, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (23, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (24, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (25, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (26, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (27, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (28, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (29, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (30, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (31, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (32, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (33, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (34, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (35, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (36, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (37, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (38, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (39, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (40, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (41, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (42, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (43, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (44, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (45, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (46, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (47, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (48, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (49, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (50, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (51, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (52, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (53, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (54, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (55, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (56, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (57, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (58, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (60, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (61, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (62, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (63, 'associations', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (0, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (1, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (2, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (3, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (4, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (5, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (6, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (7, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (20, 'associations', 3, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (20, 'memory_state', 3, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (8, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (9, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (10, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (11, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (12, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (13, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (14, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (15, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (16, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (17, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (18, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (19, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (21, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (22, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (23, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (24, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (25, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (26, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (27, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (28, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (29, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (30, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (31, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (32, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (33, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (34, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (35, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (36, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (37, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (38, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (39, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (40, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (41, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (42, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (43, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (44, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (45, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (46, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (47, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (48, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (49, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (50, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (51, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (52, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (53, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (54, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (55, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (56, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (57, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (58, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (60, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (61, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (62, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (63, 'lexemes', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (0, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (1, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (2, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (3, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (4, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (5, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (6, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (7, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (8, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (9, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (10, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (11, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (12, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (13, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (14, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (15, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (16, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (17, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (18, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (19, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (21, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (22, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (23, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (24, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (25, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (26, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (27, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (28, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (29, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (30, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (31, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (32, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (33, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (34, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (35, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (36, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (37, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (38, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (39, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (40, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (41, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (42, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (43, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (44, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (45, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (46, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (47, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (48, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (49, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (50, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (51, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (52, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (53, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (54, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (55, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (56, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (57, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (58, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (60, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (61, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (62, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (63, 'vectors_1', 0, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (59, 'lexemes', 20, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (20, 'lexemes', 3, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (59, 'vectors_1', 12, 2, '76e05f0f-8df9-4c78-90bf-bba0f686f25b', '2026-11-22 18:41:20.905516+00');
INSERT INTO public.fold_checkpoints VALUES (20, 'vectors_1', 3, 2, '76e05f0f-8df9-4c78-90bf-bba0f686f25b', '2026-11-22 18:41:20.863164+00');
INSERT INTO public.fold_checkpoints VALUES (20, 'consolidated_1', 3, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (59, 'consolidated_1', 12, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (59, 'associations', 20, 2, NULL, NULL);
INSERT INTO public.fold_checkpoints VALUES (59, 'memory_state', 20, 2, NULL, NULL);
INSERT INTO public.kysely_migration VALUES ('0001-memory', '2026-11-22T18:40:49.879Z');
INSERT INTO public.kysely_migration VALUES ('0002-recall', '2026-11-22T18:40:49.889Z');
INSERT INTO public.kysely_migration VALUES ('0003-lifecycle', '2026-11-22T18:40:49.920Z');
INSERT INTO public.kysely_migration VALUES ('0004-reembed', '2026-11-22T18:40:49.934Z');
INSERT INTO public.kysely_migration VALUES ('0005-history', '2026-11-22T18:40:49.958Z');
INSERT INTO public.kysely_migration VALUES ('0006-transfer', '2026-11-22T18:40:49.976Z');
INSERT INTO public.kysely_migration_lock VALUES ('migration_lock', 0);
INSERT INTO public.lexemes VALUES (59, 'ada', '2', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', '2026', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'drink', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'expir', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'friday', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'garden', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'green', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'januari', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'milk', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'morn', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'robin', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'sing', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'soon', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'take', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'tea', 2);
INSERT INTO public.lexemes VALUES (20, 'bob', 'list', 3);
INSERT INTO public.lexemes VALUES (20, 'bob', 'number', 3);
INSERT INTO public.lexemes VALUES (20, 'bob', 'one', 1);
INSERT INTO public.lexemes VALUES (20, 'bob', 'three', 1);
INSERT INTO public.lexemes VALUES (20, 'bob', 'two', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'ada', 3);
INSERT INTO public.lexemes VALUES (59, 'ada', 'live', 1);
INSERT INTO public.lexemes VALUES (59, 'ada', 'turin', 1);
INSERT INTO public.memories VALUES (59, 'ada', '01a2048f-9c7f-7554-aafe-d9be26a99f9c', 1, 'Ada drinks green tea in the morning', '\xef34865ac632ed5e91777a5c7ccb9c13781b040b008916a7e1ee5131da686ac9', NULL, '{drinks}', NULL, '8f06be26-1aa4-bc8d-62ff-8d85806ceadb', NULL, 'live', NULL, '2026-11-22 18:40:50.327+00', '2026-11-22 18:40:50.327+00', '''ada'':1 ''drink'':2 ''green'':3 ''morn'':7 ''tea'':4', NULL);
INSERT INTO public.memories VALUES (59, 'ada', '01a2048f-9ca8-7493-8646-ad6e81869bbd', 1, 'Ada takes no milk with her tea', '\x7657e83a2dae25abac9752efd0b6c561c2ec5f57220dd57e9e437cbdb7f4d4c8', 'habit', '{}', NULL, '8f06be26-1aa4-bc8d-62ff-8d85806ceadb', NULL, 'live', NULL, '2026-11-22 18:40:50.36+00', '2026-11-22 18:40:50.36+00', '''ada'':1 ''milk'':4 ''take'':2 ''tea'':7', NULL);
INSERT INTO public.memories VALUES (59, 'ada', '01a2048f-9cc0-76dd-88d5-508256ba6d79', 1, 'A robin sings in the garden', '\x2e976cff542c30e33314015c6e56a3947b8e9641f447f2615036285adb644b8f', NULL, '{}', NULL, NULL, '2026-01-02 03:04:05+00', 'live', NULL, '2026-11-22 18:40:50.374+00', '2026-11-22 18:40:50.374+00', '''2'':7 ''2026'':9 ''friday'':10 ''garden'':6 ''januari'':8 ''robin'':2 ''sing'':3', NULL);
INSERT INTO public.memories VALUES (59, 'ada', '01a2048f-9d12-7563-9438-2ee7de64bb06', 1, 'It soon expires', '\xae11884898aa0adb2dead3bfc427a28a1e320c883764d6122a3b25d720546507', NULL, '{}', NULL, NULL, NULL, 'live', NULL, '2026-11-22 18:40:50.453+00', '2026-11-22 18:40:50.453+00', '''expir'':3 ''soon'':2', '2126-01-01 00:00:00+00');
INSERT INTO public.memories VALUES (20, 'bob', '01a2048f-9d24-779d-a4b1-4edc127506aa', 1, 'Number one of a list', '\x360065019a955a439f96f0a1d18602f95a1cadee5483caf392783dd4d8b5b320', NULL, '{}', NULL, NULL, NULL, 'live', NULL, '2026-11-22 18:40:50.475+00', '2026-11-22 18:40:50.475+00', '''list'':5 ''number'':1 ''one'':2', NULL);
INSERT INTO public.memories VALUES (20, 'bob', '01a2048f-9d24-779d-a4b1-56e476a1d81a', 1, 'Number two of a list', '\xa4809b9dfe048e6124e35bdb9c619db309a42e913146a6fb5341dffe5c5307a1', NULL, '{}', NULL, NULL, NULL, 'live', NULL, '2026-11-22 18:40:50.475+00', '2026-11-22 18:40:50.475+00', '''list'':5 ''number'':1 ''two'':2', NULL);
INSERT INTO public.memories VALUES (20, 'bob', '01a2048f-9d24-779d-a4b1-5c06bc39ab85', 1, 'Number three of a list', '\x69a69fb0bd1766a232068539d0aaad65e1d037d85d1d9013d488e0d424d472eb', NULL, '{}', NULL, NULL, NULL, 'live', NULL, '2026-11-22 18:40:50.475+00', '2026-11-22 18:40:50.475+00', '''list'':5 ''number'':1 ''three'':2', NULL);
INSERT INTO public.memories VALUES (59, 'ada', '01a2048f-9cd0-7426-bf2f-4fb685610225', 2, 'Ada lives in Turin', '\x34c813f88fa478347113da776b473048d08cf7c1d82ad4673a803ce92fc2e1ed', NULL, '{}', NULL, NULL, NULL, 'live', NULL, '2026-11-22 18:40:50.389+00', '2026-11-22 18:40:50.987+00', '''ada'':1 ''live'':2 ''turin'':4', NULL);
INSERT INTO public.memories VALUES (59, 'ada', '01a2048f-9ce4-7486-ae8f-9b3a1277c4d7', 1, 'This one is to be forgotten', '\xf5b3c7ffe1e67c6a7b49ffa2787cdb7ef4738dd84a912336768000e165e6c42b', NULL, '{}', NULL, NULL, NULL, 'hidden', NULL, '2026-11-22 18:40:50.414+00', '2026-11-22 18:40:51.037+00', '''forgotten'':6 ''one'':2', NULL);
INSERT INTO public.memories VALUES (59, 'ada', '01a2048f-9cf5-7582-8920-237cefdf83c3', 1, '', NULL, NULL, '{}', NULL, NULL, NULL, 'erased', NULL, '2026-11-22 18:40:50.429+00', '2026-11-22 18:40:51.052+00', '', NULL);
INSERT INTO public.memory_state VALUES (59, 'ada', '01a2048f-9d12-7563-9438-2ee7de64bb06', 0, 0, 0, false, '2026-11-22 18:40:50.453+00', '{}', 0, 0, 0);
INSERT INTO public.memory_state VALUES (20, 'bob', '01a2048f-9d24-779d-a4b1-4edc127506aa', 0, 0, 0, false, '2026-11-22 18:40:50.475+00', '{}', 0, 0, 0);
INSERT INTO public.memory_state VALUES (20, 'bob', '01a2048f-9d24-779d-a4b1-56e476a1d81a', 0, 0, 0, false, '2026-11-22 18:40:50.475+00', '{}', 0, 0, 0);
INSERT INTO public.memory_state VALUES (20, 'bob', '01a2048f-9d24-779d-a4b1-5c06bc39ab85', 0, 0, 0, false, '2026-11-22 18:40:50.475+00', '{}', 0, 0, 0);
INSERT INTO public.memory_state VALUES (59, 'ada', '01a2048f-9c7f-7554-aafe-d9be26a99f9c', 1, 7, 1700, false, '2026-11-22 18:40:50.97+00', '{8f06be26-1aa4-bc8d-62ff-8d85806ceadb,4d96dbe4-025a-d10d-05e8-2211b5299927,1a590e94-0976-eae8-44d9-92dfe877bb30,076ff809-5678-d052-e86f-318ffcffa62c,81992ab8-5afe-31dd-0df5-b663a2a6caa5,589f8fa2-29c1-7377-0b6a-c9a9c2891c27,56b651b2-3464-660f-56ff-a225caf82e06}', 0, 0, 0);
INSERT INTO public.memory_state VALUES (59, 'ada', '01a2048f-9cd0-7426-bf2f-4fb685610225', 1, 6, 600, false, '2026-11-22 18:40:50.97+00', '{4d96dbe4-025a-d10d-05e8-2211b5299927,1a590e94-0976-eae8-44d9-92dfe877bb30,076ff809-5678-d052-e86f-318ffcffa62c,81992ab8-5afe-31dd-0df5-b663a2a6caa5,589f8fa2-29c1-7377-0b6a-c9a9c2891c27,56b651b2-3464-660f-56ff-a225caf82e06}', 0, 0, 0);
INSERT INTO public.memory_state VALUES (59, 'ada', '01a2048f-9ce4-7486-ae8f-9b3a1277c4d7', 0, 0, 0, false, '2026-11-22 18:40:50.414+00', '{}', 0, 0, 1);
INSERT INTO public.memory_state VALUES (59, 'ada', '01a2048f-9cf5-7582-8920-237cefdf83c3', 0, 0, 0, false, '2026-11-22 18:40:50.429+00', '{}', 0, 0, 3);
INSERT INTO public.memory_state VALUES (59, 'ada', '01a2048f-9ca8-7493-8646-ad6e81869bbd', 1, 6, 2600, true, '2026-11-22 18:40:50.97+00', '{8f06be26-1aa4-bc8d-62ff-8d85806ceadb,4d96dbe4-025a-d10d-05e8-2211b5299927,1a590e94-0976-eae8-44d9-92dfe877bb30,076ff809-5678-d052-e86f-318ffcffa62c,81992ab8-5afe-31dd-0df5-b663a2a6caa5,589f8fa2-29c1-7377-0b6a-c9a9c2891c27,56b651b2-3464-660f-56ff-a225caf82e06}', 0, 0, 0);
INSERT INTO public.memory_state VALUES (59, 'ada', '01a2048f-9cc0-76dd-88d5-508256ba6d79', 3, 0, 1000, true, '2026-11-22 18:40:50.374+00', '{}', 3, 0, 0);
INSERT INTO public.memory_versions VALUES (59, 'ada', '01a2048f-9cd0-7426-bf2f-4fb685610225', 1, 'Ada lives in London', '2026-11-22 18:40:50.987+00');
INSERT INTO public.receipts VALUES (59, 'ada', '01a2048f-9e3d-71b7-845e-3c4c461ce3e7', 9, 8, 'hybrid', '[{"version": 1, "memoryId": "01a2048f-9c7f-7554-aafe-d9be26a99f9c", "breakdown": {"phi": 0.1, "score": 0.7848173220915698, "terms": {"lexical": 0.4, "resonance": 0.002081826887714116, "similarity": 0.32071349029490925, "conversation": 0.06202200490894647, "neighbourTurn": 0}, "lexical": 1, "similarity": 0.5345224838248488, "structuralWeight": 0.3801657386773941}}, {"version": 1, "memoryId": "01a2048f-9ca8-7493-8646-ad6e81869bbd", "breakdown": {"phi": 0, "score": 0.6922913981189557, "terms": {"lexical": 0.26666665849619087, "resonance": 0, "similarity": 0.3535533905932738, "conversation": 0.07207134902949093, "neighbourTurn": 0}, "lexical": 0.6666666462404771, "similarity": 0.5892556509887896, "structuralWeight": 0.4124789556921527}}, {"version": 1, "memoryId": "01a2048f-9cd0-7426-bf2f-4fb685610225", "breakdown": {"phi": 0, "score": 0.23939934642607755, "terms": {"lexical": 0.13333332924809543, "resonance": 0, "similarity": 0.10606601717798211, "conversation": 0, "neighbourTurn": 0}, "lexical": 0.33333332312023856, "similarity": 0.17677669529663687, "structuralWeight": 0.1237436867076458}}]', '2026-11-22 18:40:50.775+00');
INSERT INTO public.receipts VALUES (59, 'ada', '01a2048f-9e7d-7270-bfcf-a0a86d61d806', 11, 8, 'hybrid', '[{"version": 1, "memoryId": "01a2048f-9c7f-7554-aafe-d9be26a99f9c", "breakdown": {"phi": 0.1, "score": 0.7848173220915698, "terms": {"lexical": 0.4, "resonance": 0.002081826887714116, "similarity": 0.32071349029490925, "conversation": 0.06202200490894647, "neighbourTurn": 0}, "lexical": 1, "similarity": 0.5345224838248488, "structuralWeight": 0.3801657386773941}}, {"version": 1, "memoryId": "01a2048f-9ca8-7493-8646-ad6e81869bbd", "breakdown": {"phi": 0, "score": 0.6922913981189557, "terms": {"lexical": 0.26666665849619087, "resonance": 0, "similarity": 0.3535533905932738, "conversation": 0.07207134902949093, "neighbourTurn": 0}, "lexical": 0.6666666462404771, "similarity": 0.5892556509887896, "structuralWeight": 0.4124789556921527}}, {"version": 1, "memoryId": "01a2048f-9cd0-7426-bf2f-4fb685610225", "breakdown": {"phi": 0, "score": 0.23939934642607755, "terms": {"lexical": 0.13333332924809543, "resonance": 0, "similarity": 0.10606601717798211, "conversation": 0, "neighbourTurn": 0}, "lexical": 0.33333332312023856, "similarity": 0.17677669529663687, "structuralWeight": 0.1237436867076458}}]', '2026-11-22 18:40:50.828+00');
INSERT INTO public.receipts VALUES (59, 'ada', '01a2048f-9e97-7251-ba89-773eca5766a8', 12, 8, 'hybrid', '[{"version": 1, "memoryId": "01a2048f-9c7f-7554-aafe-d9be26a99f9c", "breakdown": {"phi": 0.1, "score": 0.7848173220915698, "terms": {"lexical": 0.4, "resonance": 0.002081826887714116, "similarity": 0.32071349029490925, "conversation": 0.06202200490894647, "neighbourTurn": 0}, "lexical": 1, "similarity": 0.5345224838248488, "structuralWeight": 0.3801657386773941}}, {"version": 1, "memoryId": "01a2048f-9ca8-7493-8646-ad6e81869bbd", "breakdown": {"phi": 0, "score": 0.6922913981189557, "terms": {"lexical": 0.26666665849619087, "resonance": 0, "similarity": 0.3535533905932738, "conversation": 0.07207134902949093, "neighbourTurn": 0}, "lexical": 0.6666666462404771, "similarity": 0.5892556509887896, "structuralWeight": 0.4124789556921527}}, {"version": 1, "memoryId": "01a2048f-9cd0-7426-bf2f-4fb685610225", "breakdown": {"phi": 0, "score": 0.23939934642607755, "terms": {"lexical": 0.13333332924809543, "resonance": 0, "similarity": 0.10606601717798211, "conversation": 0, "neighbourTurn": 0}, "lexical": 0.33333332312023856, "similarity": 0.17677669529663687, "structuralWeight": 0.1237436867076458}}]', '2026-11-22 18:40:50.859+00');
INSERT INTO public.receipts VALUES (59, 'ada', '01a2048f-9ec1-7139-8d03-11eeb0d92ee6', 13, 8, 'hybrid', '[{"version": 1, "memoryId": "01a2048f-9c7f-7554-aafe-d9be26a99f9c", "breakdown": {"phi": 0.1, "score": 0.7848173220915698, "terms": {"lexical": 0.4, "resonance": 0.002081826887714116, "similarity": 0.32071349029490925, "conversation": 0.06202200490894647, "neighbourTurn": 0}, "lexical": 1, "similarity": 0.5345224838248488, "structuralWeight": 0.3801657386773941}}, {"version": 1, "memoryId": "01a2048f-9ca8-7493-8646-ad6e81869bbd", "breakdown": {"phi": 0, "score": 0.6922913981189557, "terms": {"lexical": 0.26666665849619087, "resonance": 0, "similarity": 0.3535533905932738, "conversation": 0.07207134902949093, "neighbourTurn": 0}, "lexical": 0.6666666462404771, "similarity": 0.5892556509887896, "structuralWeight": 0.4124789556921527}}, {"version": 1, "memoryId": "01a2048f-9cd0-7426-bf2f-4fb685610225", "breakdown": {"phi": 0, "score": 0.23939934642607755, "terms": {"lexical": 0.13333332924809543, "resonance": 0, "similarity": 0.10606601717798211, "conversation": 0, "neighbourTurn": 0}, "lexical": 0.33333332312023856, "similarity": 0.17677669529663687, "structuralWeight": 0.1237436867076458}}]', '2026-11-22 18:40:50.917+00');
INSERT INTO public.receipts VALUES (59, 'ada', '01a2048f-9f03-73dd-8e44-4cc467c654a8', 14, 12, 'hybrid', '[{"version": 1, "memoryId": "01a2048f-9c7f-7554-aafe-d9be26a99f9c", "breakdown": {"phi": 1.4, "score": 0.8018580523170443, "terms": {"lexical": 0.4, "resonance": 0.019122557113188592, "similarity": 0.32071349029490925, "conversation": 0.06202200490894647, "neighbourTurn": 0}, "lexical": 1, "similarity": 0.5345224838248488, "structuralWeight": 0.45816573867739413}}, {"version": 1, "memoryId": "01a2048f-9ca8-7493-8646-ad6e81869bbd", "breakdown": {"phi": 1.3, "score": 0.708382168982056, "terms": {"lexical": 0.26666665849619087, "resonance": 0.016090770863100283, "similarity": 0.3535533905932738, "conversation": 0.07207134902949093, "neighbourTurn": 0}, "lexical": 0.6666666462404771, "similarity": 0.5892556509887896, "structuralWeight": 0.4904789556921527}}, {"version": 1, "memoryId": "01a2048f-9cd0-7426-bf2f-4fb685610225", "breakdown": {"phi": 0.3, "score": 0.24115208820079065, "terms": {"lexical": 0.13333332924809543, "resonance": 0.0017527417747131072, "similarity": 0.10606601717798211, "conversation": 0, "neighbourTurn": 0}, "lexical": 0.33333332312023856, "similarity": 0.17677669529663687, "structuralWeight": 0.14174368670764578}}]', '2026-11-22 18:40:50.954+00');
INSERT INTO public.receipts VALUES (59, 'ada', '01a2048f-9f12-700a-8dc5-ee45ffb2def6', 15, 12, 'hybrid', '[{"version": 1, "memoryId": "01a2048f-9c7f-7554-aafe-d9be26a99f9c", "breakdown": {"phi": 1.4, "score": 0.8018580523170443, "terms": {"lexical": 0.4, "resonance": 0.019122557113188592, "similarity": 0.32071349029490925, "conversation": 0.06202200490894647, "neighbourTurn": 0}, "lexical": 1, "similarity": 0.5345224838248488, "structuralWeight": 0.45816573867739413}}, {"version": 1, "memoryId": "01a2048f-9ca8-7493-8646-ad6e81869bbd", "breakdown": {"phi": 1.3, "score": 0.708382168982056, "terms": {"lexical": 0.26666665849619087, "resonance": 0.016090770863100283, "similarity": 0.3535533905932738, "conversation": 0.07207134902949093, "neighbourTurn": 0}, "lexical": 0.6666666462404771, "similarity": 0.5892556509887896, "structuralWeight": 0.4904789556921527}}, {"version": 1, "memoryId": "01a2048f-9cd0-7426-bf2f-4fb685610225", "breakdown": {"phi": 0.3, "score": 0.24115208820079065, "terms": {"lexical": 0.13333332924809543, "resonance": 0.0017527417747131072, "similarity": 0.10606601717798211, "conversation": 0, "neighbourTurn": 0}, "lexical": 0.33333332312023856, "similarity": 0.17677669529663687, "structuralWeight": 0.14174368670764578}}]', '2026-11-22 18:40:50.97+00');
INSERT INTO public.requests VALUES (59, 'ada', 'once', '087f847f271f5d3216bfafb43f9f48295ca368cc06675dc700d5103db2a3e67b', '[{"at": "2026-11-22T18:40:50.442+00:00", "isNew": false, "version": 1, "memoryId": "01a2048f-9c7f-7554-aafe-d9be26a99f9c"}]', '2026-11-23 18:40:50.439857+00');
INSERT INTO public.shard_heads VALUES (0, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (1, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (2, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (3, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (4, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (5, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (6, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (7, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (8, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (9, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (10, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (11, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (12, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (13, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (14, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (15, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (16, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (17, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (18, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (19, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (21, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (22, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (23, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (24, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (25, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (26, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (27, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (28, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (29, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (30, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (31, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (32, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (33, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (34, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (35, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (36, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (37, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (38, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (39, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (40, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (41, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (42, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (43, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (44, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (45, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (46, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (47, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (48, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (49, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (50, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (51, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (52, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (53, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (54, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (55, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (56, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (57, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (58, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (60, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (61, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (62, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (63, 0, '1970-01-01 00:00:00+00', '{}');
INSERT INTO public.shard_heads VALUES (20, 3, '2026-11-22 18:40:50.475+00', '{}');
INSERT INTO public.shard_heads VALUES (59, 20, '2026-11-22 18:40:51.162+00', '{}');
INSERT INTO public.spaces VALUES ('ada', 59, 1, '\xd877574c120c1c40aa607568e3993650', '2026-11-22 18:40:50.298758+00', '{}', NULL, NULL);
INSERT INTO public.spaces VALUES ('bob', 20, 1, '\x72e1270abdbf5c7e6439f21b658642d7', '2026-11-22 18:40:50.465544+00', '{}', NULL, NULL);
INSERT INTO public.tier_changes VALUES (59, 'ada', '01a2048f-9c7f-7554-aafe-d9be26a99f9c', 13, 0, 1, 'access_count');
INSERT INTO public.tier_changes VALUES (59, 'ada', '01a2048f-9ca8-7493-8646-ad6e81869bbd', 14, 0, 1, 'access_count');
INSERT INTO public.tier_changes VALUES (59, 'ada', '01a2048f-9cd0-7426-bf2f-4fb685610225', 14, 0, 1, 'access_count');
INSERT INTO public.tier_changes VALUES (59, 'ada', '01a2048f-9cc0-76dd-88d5-508256ba6d79', 19, 0, 3, 'manual');
INSERT INTO public.tier_reasons VALUES (59, 'ada', '01a2048f-9cc0-76dd-88d5-508256ba6d79', 19, 'dear');
INSERT INTO public.vectors_1 VALUES (59, 'ada', '01a2048f-9c7f-7554-aafe-d9be26a99f9c', 1, 0, '[0,0,0,0,0,0,0.3779297,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.3779297,0,0.3779297,0,0,0,0,0,0,0,0,0,0,0.3779297,0,0,0,0,0,0.3779297,0,0,0,0,0,0,0,0,0,0,0,0.3779297,0.3779297,0,0,0]');
INSERT INTO public.vectors_1 VALUES (59, 'ada', '01a2048f-9ca8-7493-8646-ad6e81869bbd', 1, 0, '[0,0,0,0,0,0,0,0,0,0,0,0,0.33325195,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.33325195,0,0,0,0,0,0,0.6665039,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.33325195,0.33325195,0,0,0,0.33325195]');
INSERT INTO public.vectors_1 VALUES (59, 'ada', '01a2048f-9cc0-76dd-88d5-508256ba6d79', 1, 0, '[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.40820312,0,0,0,0,0.40820312,0,0.40820312,0,0,0,0,0,0,0,0,0,0,0,0,0,0.40820312,0,0,0,0,0,0,0,0.40820312,0,0,0,0,0,0,0.40820312,0,0,0,0]');
INSERT INTO public.vectors_1 VALUES (59, 'ada', '01a2048f-9ce4-7486-ae8f-9b3a1277c4d7', 1, 0, '[0.40820312,0.40820312,0,0,0,0,0,0,0,0,0,0,0,0.40820312,0,0,0,0,0,0,0,0.40820312,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.40820312,0,0,0,0,0,0,0,0,0,0,0.40820312,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]');
INSERT INTO public.vectors_1 VALUES (59, 'ada', '01a2048f-9d12-7563-9438-2ee7de64bb06', 1, 0, '[0,0,0,0.57714844,0,0,0,0,0,0,0,0,0,0,0,0,0.57714844,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.57714844,0,0,0,0,0,0,0,0,0,0,0,0,0]');
INSERT INTO public.vectors_1 VALUES (20, 'bob', '01a2048f-9d24-779d-a4b1-4edc127506aa', 1, 0, '[0,0.44726562,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.44726562,0,0,0,0,0,0,0,0.44726562,0,0,0,0.44726562,0,0,0.44726562,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]');
INSERT INTO public.vectors_1 VALUES (20, 'bob', '01a2048f-9d24-779d-a4b1-56e476a1d81a', 1, 0, '[0,0.44726562,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.44726562,0,0,0,0,0,0,0,0.44726562,0.44726562,0,0,0.44726562,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]');
INSERT INTO public.vectors_1 VALUES (20, 'bob', '01a2048f-9d24-779d-a4b1-5c06bc39ab85', 1, 0, '[0,0.44726562,0,0.44726562,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.44726562,0,0,0,0,0,0,0,0.44726562,0,0,0,0.44726562,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]');
INSERT INTO public.vectors_1 VALUES (59, 'ada', '01a2048f-9cd0-7426-bf2f-4fb685610225', 2, 0, '[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.5,0,0,0,0,0,0,0,0,0,0.5,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.5,0,0,0,0,0,0,0,0,0,0,0,0.5,0,0,0,0]');
SELECT pg_catalog.setval('public.embedding_models_model_id_seq', 1, true);
ALTER TABLE ONLY public.associations
    ADD CONSTRAINT associations_pkey PRIMARY KEY (shard, space_id, a, b);
ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_pkey PRIMARY KEY (shard, space_id, recall_id, memory_id);
ALTER TABLE ONLY public.conversation_turns
    ADD CONSTRAINT conversation_turns_pkey PRIMARY KEY (shard, space_id, conversation_id, ordinal);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (shard, space_id, conversation_id);
ALTER TABLE ONLY public.discarded_vectors
    ADD CONSTRAINT discarded_vectors_pkey PRIMARY KEY (shard, space_id, model_id);
ALTER TABLE ONLY public.embedding_failures
    ADD CONSTRAINT embedding_failures_pkey PRIMARY KEY (shard, space_id, memory_id, version, model_id);
ALTER TABLE ONLY public.embedding_models
    ADD CONSTRAINT embedding_models_pkey PRIMARY KEY (model_id);
ALTER TABLE ONLY public.embedding_models
    ADD CONSTRAINT embedding_models_provider_name_dimensions_key UNIQUE (provider, name, dimensions);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (shard, "position");
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_shard_id_key UNIQUE (shard, id);
ALTER TABLE ONLY public.fold_checkpoints
    ADD CONSTRAINT fold_checkpoints_pkey PRIMARY KEY (shard, projection);
ALTER TABLE ONLY public.import_lines
    ADD CONSTRAINT import_lines_pkey PRIMARY KEY (shard, space_id, digest, line);
ALTER TABLE ONLY public.import_lines
    ADD CONSTRAINT import_lines_shard_space_id_digest_content_hash_key UNIQUE (shard, space_id, digest, content_hash);
ALTER TABLE ONLY public.import_lines
    ADD CONSTRAINT import_lines_shard_space_id_digest_event_id_key UNIQUE (shard, space_id, digest, event_id);
ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (shard, space_id, digest);
ALTER TABLE ONLY public.kysely_migration_lock
    ADD CONSTRAINT kysely_migration_lock_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.kysely_migration
    ADD CONSTRAINT kysely_migration_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.lexemes
    ADD CONSTRAINT lexemes_pkey PRIMARY KEY (shard, space_id, lexeme);
ALTER TABLE ONLY public.memories
    ADD CONSTRAINT memories_content_hash UNIQUE (shard, space_id, content_hash);
ALTER TABLE ONLY public.memories
    ADD CONSTRAINT memories_pkey PRIMARY KEY (shard, space_id, memory_id);
ALTER TABLE ONLY public.memory_state
    ADD CONSTRAINT memory_state_pkey PRIMARY KEY (shard, space_id, memory_id);
ALTER TABLE ONLY public.memory_versions
    ADD CONSTRAINT memory_versions_pkey PRIMARY KEY (shard, space_id, memory_id, version);
ALTER TABLE ONLY public.merge_groups
    ADD CONSTRAINT merge_groups_pkey PRIMARY KEY (shard, space_id, memory_id);
ALTER TABLE ONLY public.query_vectors
    ADD CONSTRAINT query_vectors_pkey PRIMARY KEY (shard, space_id, model_id, text_hash);
ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_pkey PRIMARY KEY (shard, space_id, recall_id);
ALTER TABLE ONLY public.reembeddings
    ADD CONSTRAINT reembeddings_pkey PRIMARY KEY (shard, space_id);
ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (shard, space_id, key);
ALTER TABLE ONLY public.shard_heads
    ADD CONSTRAINT shard_heads_pkey PRIMARY KEY (shard);
ALTER TABLE ONLY public.snapshots
    ADD CONSTRAINT snapshots_pkey PRIMARY KEY (shard, "position");
ALTER TABLE ONLY public.spaces
    ADD CONSTRAINT spaces_pkey PRIMARY KEY (space_id);
ALTER TABLE ONLY public.state_snapshots
    ADD CONSTRAINT state_snapshots_pkey PRIMARY KEY (shard, space_id, memory_id, "position");
ALTER TABLE ONLY public.tier_changes
    ADD CONSTRAINT tier_changes_pkey PRIMARY KEY (shard, space_id, memory_id, "position");
ALTER TABLE ONLY public.tier_reasons
    ADD CONSTRAINT tier_reasons_pkey PRIMARY KEY (shard, space_id, memory_id, "position");
ALTER TABLE ONLY public.vectors_1
    ADD CONSTRAINT vectors_1_pkey PRIMARY KEY (shard, space_id, memory_id, version, chunk);
CREATE INDEX associations_from_b ON public.associations USING btree (shard, space_id, b, a);
CREATE INDEX conversation_turns_by_memory ON public.conversation_turns USING btree (shard, space_id, memory_id);
CREATE INDEX events_memory_ids ON public.events USING gin (memory_ids);
CREATE INDEX events_merging ON public.events USING gin (memory_ids) WITH (fastupdate=off) WHERE (type = 'memory.merged'::text);
CREATE INDEX events_turning ON public.events USING btree (shard, space_id, "position") WHERE ((type = ANY (ARRAY['memory.forgotten'::text, 'memory.restored'::text, 'memory.expired'::text, 'memory.erased'::text, 'memory.merged'::text, 'memory.unmerged'::text, 'space.decayed'::text])) OR (payload @> '{"revived": true}'::jsonb));
CREATE INDEX memories_by_category ON public.memories USING btree (shard, space_id, category) WHERE (category IS NOT NULL);
CREATE INDEX memories_by_creation ON public.memories USING btree (shard, space_id, visibility, created_at, memory_id);
CREATE INDEX memories_by_source ON public.memories USING btree (shard, space_id, source) WHERE (source IS NOT NULL);
CREATE INDEX memories_by_tag ON public.memories USING gin (shard, space_id, tags) WITH (fastupdate=off);
CREATE INDEX memories_by_time ON public.memories USING btree (shard, space_id, COALESCE(occurred_at, created_at));
CREATE INDEX memories_expires_at ON public.memories USING btree (expires_at) WHERE ((expires_at IS NOT NULL) AND (visibility = 'live'::text));
CREATE INDEX memories_fts ON public.memories USING gin (shard, space_id, fts) WITH (fastupdate=off);
CREATE INDEX memories_merged_into ON public.memories USING btree (shard, space_id, merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX memories_not_live ON public.memories USING btree (shard, space_id, memory_id) INCLUDE (merged_into) WHERE (visibility <> 'live'::text);
CREATE INDEX memory_state_by_access ON public.memory_state USING btree (shard, space_id, tier, last_accessed DESC, memory_id);
CREATE INDEX memory_state_by_resonance ON public.memory_state USING btree (shard, space_id, tier, phi DESC, memory_id);
CREATE INDEX memory_state_catalysts ON public.memory_state USING btree (shard, space_id, phi DESC, memory_id) WHERE is_catalyst;
CREATE INDEX merge_groups_survivor ON public.merge_groups USING btree (shard, space_id, survivor) WHERE (survivor IS NOT NULL);
CREATE INDEX query_vectors_used_at ON public.query_vectors USING btree (used_at);
CREATE INDEX receipts_by_age ON public.receipts USING btree (shard, space_id, created_at);
CREATE INDEX requests_expires_at ON public.requests USING btree (expires_at);
CREATE INDEX spaces_by_model ON public.spaces USING btree (shard, model_id);
CREATE INDEX vectors_1_hnsw ON public.vectors_1 USING hnsw (embedding public.halfvec_cosine_ops) WITH (ef_construction='128');
CREATE STATISTICS public.memories_space (dependencies) ON shard, space_id FROM public.memories;
CREATE STATISTICS public.vectors_1_space (dependencies) ON shard, space_id FROM public.vectors_1;
CREATE TRIGGER events_append_only BEFORE DELETE OR UPDATE ON public.events FOR EACH ROW EXECUTE FUNCTION public.refuse_change_of_log();
CREATE TRIGGER events_never_truncated BEFORE TRUNCATE ON public.events FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change_of_log();
ALTER TABLE ONLY public.discarded_vectors
    ADD CONSTRAINT discarded_vectors_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.embedding_models(model_id);
ALTER TABLE ONLY public.reembeddings
    ADD CONSTRAINT reembeddings_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.embedding_models(model_id);
ALTER TABLE ONLY public.spaces
    ADD CONSTRAINT spaces_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.embedding_models(model_id);
