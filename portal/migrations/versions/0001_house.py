"""The house as it is first built."""

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op

from kernel.db import JSON_DOCUMENT
from kernel.exact import ExactDecimal

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TRIGGERS = {
    "postgresql": [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
        "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER audit_checkpoint_append_only BEFORE UPDATE OR DELETE ON audit_checkpoint FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER audit_leaf_append_only BEFORE UPDATE OR DELETE ON audit_leaf FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE OR REPLACE FUNCTION keep_facts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' OR OLD.superseded_by IS NOT NULL OR NEW.id IS DISTINCT FROM OLD.id OR NEW.enterprise_id IS DISTINCT FROM OLD.enterprise_id OR NEW.name IS DISTINCT FROM OLD.name OR NEW.kind IS DISTINCT FROM OLD.kind OR NEW.value IS DISTINCT FROM OLD.value OR NEW.unit IS DISTINCT FROM OLD.unit OR NEW.period_start IS DISTINCT FROM OLD.period_start OR NEW.period_end IS DISTINCT FROM OLD.period_end OR NEW.source IS DISTINCT FROM OLD.source OR NEW.authority IS DISTINCT FROM OLD.authority OR NEW.note IS DISTINCT FROM OLD.note OR NEW.seen_at IS DISTINCT FROM OLD.seen_at OR NEW.recorded_at IS DISTINCT FROM OLD.recorded_at OR NEW.recorded_by IS DISTINCT FROM OLD.recorded_by THEN RAISE EXCEPTION 'fact is append-only'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER fact_append_only BEFORE UPDATE OR DELETE ON fact FOR EACH ROW EXECUTE FUNCTION keep_facts()",
        "CREATE TRIGGER ledger_posting_append_only BEFORE UPDATE OR DELETE ON ledger_posting FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE OR REPLACE FUNCTION refuse_unbalanced_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT sum(fen) FROM ledger_posting WHERE entry_id = NEW.entry_id) <> 0 THEN RAISE EXCEPTION 'ledger entry % does not balance', NEW.entry_id USING ERRCODE = 'check_violation'; END IF; RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER ledger_posting_balanced AFTER INSERT ON ledger_posting DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_entry()",
        "CREATE TRIGGER policy_version_append_only BEFORE UPDATE OR DELETE ON policy_version FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER data_signature_append_only BEFORE UPDATE OR DELETE ON data_signature FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER data_delivery_append_only BEFORE UPDATE OR DELETE ON data_delivery FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER policy_decision_append_only BEFORE UPDATE OR DELETE ON policy_decision FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER policy_external_result_append_only BEFORE UPDATE OR DELETE ON policy_external_result FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER policy_application_step_append_only BEFORE UPDATE OR DELETE ON policy_application_step FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    ],
    "sqlite": [
        "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
        "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
        "CREATE TRIGGER audit_checkpoint_no_update BEFORE UPDATE ON audit_checkpoint BEGIN SELECT RAISE(ABORT, 'audit_checkpoint is append-only'); END",
        "CREATE TRIGGER audit_checkpoint_no_delete BEFORE DELETE ON audit_checkpoint BEGIN SELECT RAISE(ABORT, 'audit_checkpoint is append-only'); END",
        "CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END",
        "CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END",
        "CREATE TRIGGER audit_leaf_no_update BEFORE UPDATE ON audit_leaf BEGIN SELECT RAISE(ABORT, 'audit_leaf is append-only'); END",
        "CREATE TRIGGER audit_leaf_no_delete BEFORE DELETE ON audit_leaf BEGIN SELECT RAISE(ABORT, 'audit_leaf is append-only'); END",
        "CREATE TRIGGER fact_no_update BEFORE UPDATE ON fact WHEN OLD.superseded_by IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.enterprise_id IS NOT OLD.enterprise_id OR NEW.name IS NOT OLD.name OR NEW.kind IS NOT OLD.kind OR NEW.value IS NOT OLD.value OR NEW.unit IS NOT OLD.unit OR NEW.period_start IS NOT OLD.period_start OR NEW.period_end IS NOT OLD.period_end OR NEW.source IS NOT OLD.source OR NEW.authority IS NOT OLD.authority OR NEW.note IS NOT OLD.note OR NEW.seen_at IS NOT OLD.seen_at OR NEW.recorded_at IS NOT OLD.recorded_at OR NEW.recorded_by IS NOT OLD.recorded_by BEGIN SELECT RAISE(ABORT, 'fact is append-only'); END",
        "CREATE TRIGGER fact_no_delete BEFORE DELETE ON fact BEGIN SELECT RAISE(ABORT, 'fact is append-only'); END",
        "CREATE TRIGGER ledger_posting_no_update BEFORE UPDATE ON ledger_posting BEGIN SELECT RAISE(ABORT, 'ledger_posting is append-only'); END",
        "CREATE TRIGGER ledger_posting_no_delete BEFORE DELETE ON ledger_posting BEGIN SELECT RAISE(ABORT, 'ledger_posting is append-only'); END",
        "CREATE TRIGGER policy_version_no_update BEFORE UPDATE ON policy_version BEGIN SELECT RAISE(ABORT, 'policy_version is append-only'); END",
        "CREATE TRIGGER policy_version_no_delete BEFORE DELETE ON policy_version BEGIN SELECT RAISE(ABORT, 'policy_version is append-only'); END",
        "CREATE TRIGGER data_signature_no_update BEFORE UPDATE ON data_signature BEGIN SELECT RAISE(ABORT, 'data_signature is append-only'); END",
        "CREATE TRIGGER data_signature_no_delete BEFORE DELETE ON data_signature BEGIN SELECT RAISE(ABORT, 'data_signature is append-only'); END",
        "CREATE TRIGGER data_delivery_no_update BEFORE UPDATE ON data_delivery BEGIN SELECT RAISE(ABORT, 'data_delivery is append-only'); END",
        "CREATE TRIGGER data_delivery_no_delete BEFORE DELETE ON data_delivery BEGIN SELECT RAISE(ABORT, 'data_delivery is append-only'); END",
        "CREATE TRIGGER policy_decision_no_update BEFORE UPDATE ON policy_decision BEGIN SELECT RAISE(ABORT, 'policy_decision is append-only'); END",
        "CREATE TRIGGER policy_decision_no_delete BEFORE DELETE ON policy_decision BEGIN SELECT RAISE(ABORT, 'policy_decision is append-only'); END",
        "CREATE TRIGGER policy_external_result_no_update BEFORE UPDATE ON policy_external_result BEGIN SELECT RAISE(ABORT, 'policy_external_result is append-only'); END",
        "CREATE TRIGGER policy_external_result_no_delete BEFORE DELETE ON policy_external_result BEGIN SELECT RAISE(ABORT, 'policy_external_result is append-only'); END",
        "CREATE TRIGGER policy_application_step_no_update BEFORE UPDATE ON policy_application_step BEGIN SELECT RAISE(ABORT, 'policy_application_step is append-only'); END",
        "CREATE TRIGGER policy_application_step_no_delete BEFORE DELETE ON policy_application_step BEGIN SELECT RAISE(ABORT, 'policy_application_step is append-only'); END",
    ],
}
FUNCTIONS = ("refuse_change", "keep_facts", "refuse_unbalanced_entry")


def upgrade() -> None:
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=120), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("suite", sa.String(length=40), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("object_kind", sa.String(length=60), nullable=False),
        sa.Column("object_id", sa.String(length=200), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("detail", JSON_DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_action"), ["action"], unique=False)
        batch_op.create_index("ix_audit_entry_actor_at", ["actor_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_at"), ["at"], unique=False)
        batch_op.create_index("ix_audit_entry_object", ["object_kind", "object_id"], unique=False)
        batch_op.create_index("ix_audit_entry_organisation_at", ["organisation_id", "at"], unique=False)
        batch_op.create_index("ix_audit_entry_subject_at", ["subject_id", "at"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("origin", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("frontier", JSON_DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "credit_model",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("artefact", sa.Text(), nullable=False),
        sa.Column("registered_at", DateTimeUTC(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_model")),
        sa.UniqueConstraint("sha256", name=op.f("uq_credit_model_sha256")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("payload", JSON_DOCUMENT, nullable=False),
        sa.Column("timeline_zh", sa.Text(), nullable=False),
        sa.Column("timeline_en", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("is_fanned_out", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_name"), ["name"], unique=False)
        batch_op.create_index("ix_event_subject", ["subject_id", "id"], unique=False)
        batch_op.create_index(
            "ix_event_waiting",
            ["id"],
            unique=False,
            sqlite_where=sa.text("NOT is_fanned_out"),
            postgresql_where=sa.text("NOT is_fanned_out"),
        )

    op.create_table(
        "health_probe",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("at", DateTimeUTC(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_health_probe")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("owner_id", "route", "key", name=op.f("uq_idempotency_key_owner_id_route_key")),
    )
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_key_created_at"), ["created_at"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("payload", JSON_DOCUMENT, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("run_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("lease_until", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=120), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("result", JSON_DOCUMENT, nullable=True),
        sa.Column("finished_at", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("actor", JSON_DOCUMENT, nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_kind"), ["kind"], unique=False)
        batch_op.create_index(
            "ix_job_open",
            ["run_at", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('queued', 'failed', 'running')"),
            postgresql_where=sa.text("state IN ('queued', 'failed', 'running')"),
        )
        batch_op.create_index("ix_job_organisation_created_at", ["organisation_id", "created_at"], unique=False)

    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("expires_at", DateTimeUTC(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("reversal_of", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("posted_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["reversal_of"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_reversal_of_ledger_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("reference", name=op.f("uq_ledger_entry_reference")),
        sa.UniqueConstraint("reversal_of", name=op.f("uq_ledger_entry_reversal_of")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("division_code", sa.String(length=12), nullable=True),
        sa.Column("control_epoch", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("uscc", name=op.f("uq_organisation_uscc")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_kind"), ["kind"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        sa.Column("locked_until", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("second_factor", sa.String(length=400), nullable=True),
        sa.Column("second_factor_step", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    op.create_table(
        "policy_ranking_model",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fitted_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("document", JSON_DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_ranking_model")),
    )
    with op.batch_alter_table("policy_ranking_model", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_ranking_model_fitted_at"), ["fitted_at"], unique=False)

    op.create_table(
        "schedule_state",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("planned_at", DateTimeUTC(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedule_state")),
    )
    op.create_table(
        "audit_leaf",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_leaf_entry_id_audit_entry")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_leaf")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_leaf_entry_id")),
    )
    op.create_table(
        "audit_pending",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("at", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_pending_entry_id_audit_entry")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_pending")),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("scope", JSON_DOCUMENT, nullable=False),
        sa.Column("starts_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("expires_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("subject_epoch", sa.Integer(), nullable=False),
        sa.Column("recipient_epoch", sa.Integer(), nullable=False),
        sa.Column("granted_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("expires_at > starts_at", name=op.f("ck_consent_period")),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["organisation.id"], name=op.f("fk_consent_recipient_id_organisation")
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["organisation.id"], name=op.f("fk_consent_subject_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index("ix_consent_recipient_subject", ["recipient_id", "subject_id", "purpose"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "credit_profile",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organisation.id"], name=op.f("fk_credit_profile_enterprise_id_organisation")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_credit_profile")),
    )
    op.create_table(
        "credit_score",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("model_name", sa.String(length=60), nullable=False),
        sa.Column("model_version", sa.String(length=20), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("data_until", sa.Date(), nullable=False),
        sa.Column("data_age_days", sa.Integer(), nullable=False),
        sa.Column("source_grade", sa.String(length=1), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=10), nullable=False),
        sa.Column("default_probability", sa.Double(), nullable=False),
        sa.Column("contributions", JSON_DOCUMENT, nullable=False),
        sa.Column("reasons", JSON_DOCUMENT, nullable=False),
        sa.Column("features", JSON_DOCUMENT, nullable=False),
        sa.Column("totals", JSON_DOCUMENT, nullable=False),
        sa.Column("computed_at", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organisation.id"], name=op.f("fk_credit_score_enterprise_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_score")),
        sa.UniqueConstraint(
            "enterprise_id",
            "model_sha256",
            "as_of",
            "revision",
            name=op.f("uq_credit_score_enterprise_id_model_sha256_as_of_revision"),
        ),
    )
    with op.batch_alter_table("credit_score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_score_model_sha256"), ["model_sha256"], unique=False)

    op.create_table(
        "data_product",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("title_zh", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("description_zh", sa.Text(), nullable=False),
        sa.Column("description_en", sa.Text(), nullable=False),
        sa.Column("fields", JSON_DOCUMENT, nullable=False),
        sa.Column("filters", JSON_DOCUMENT, nullable=False),
        sa.Column("identity", sa.String(length=10), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("assessment", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_data_product_owner_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_product")),
    )
    with op.batch_alter_table("data_product", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_product_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "data_use",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("what", JSON_DOCUMENT, nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["organisation.id"], name=op.f("fk_data_use_recipient_id_organisation")
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["organisation.id"], name=op.f("fk_data_use_subject_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_use")),
    )
    with op.batch_alter_table("data_use", schema=None) as batch_op:
        batch_op.create_index("ix_data_use_recipient_at", ["recipient_id", "at"], unique=False)
        batch_op.create_index("ix_data_use_subject_at", ["subject_id", "at"], unique=False)

    op.create_table(
        "data_use_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("what", JSON_DOCUMENT, nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["organisation.id"], name=op.f("fk_data_use_run_recipient_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_use_run")),
    )
    op.create_table(
        "enterprise",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("industry_code", sa.String(length=4), nullable=False),
        sa.Column("division_code", sa.String(length=6), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("address_zh", sa.String(length=300), nullable=False),
        sa.Column("address_en", sa.String(length=300), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["organisation.id"], name=op.f("fk_enterprise_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise")),
        sa.UniqueConstraint("uscc", name=op.f("uq_enterprise_uscc")),
    )
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enterprise_division_code"), ["division_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_enterprise_industry_code"), ["industry_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_enterprise_name_zh"), ["name_zh"], unique=False)

    op.create_table(
        "event_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("subscriber", sa.String(length=120), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("delivered_at", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_delivery_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_delivery")),
        sa.UniqueConstraint("event_id", "subscriber", name=op.f("uq_event_delivery_event_id_subscriber")),
    )
    with op.batch_alter_table("event_delivery", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_delivery_pending",
            ["subscriber", "subject_id", "event_id"],
            unique=False,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index("ix_event_delivery_state", ["state", "next_try_at"], unique=False)

    op.create_table(
        "file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("ready_at", DateTimeUTC(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_file_owner_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
    )
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_file_state_created_at", ["state", "created_at"], unique=False)

    op.create_table(
        "ledger_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=True),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", DateTimeUTC(timezone=True), nullable=False),
        sa.CheckConstraint("floor IS NULL OR balance >= floor", name=op.f("ck_ledger_account_floor")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["organisation.id"], name=op.f("fk_ledger_account_owner_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint("code", name=op.f("uq_ledger_account_code")),
    )
    with op.batch_alter_table("ledger_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_account_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "login_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("second_factor_passed", sa.Boolean(), nullable=False),
        sa.Column("browser", sa.String(length=120), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("seen_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("ended_at", DateTimeUTC(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_login_session_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_login_session_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_session_token_hash")),
    )
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_session_person_id"), ["person_id"], unique=False)

    op.create_table(
        "machine_client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=60), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("roles", JSON_DOCUMENT, nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_machine_client_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_machine_client")),
        sa.UniqueConstraint("client_id", name=op.f("uq_machine_client_client_id")),
    )
    with op.batch_alter_table("machine_client", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_machine_client_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_membership_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint(
            "person_id", "organisation_id", "role", name=op.f("uq_membership_person_id_organisation_id_role")
        ),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index("ix_membership_person", ["person_id"], unique=False)

    op.create_table(
        "organisation_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("since", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["organisation.id"], name=op.f("fk_organisation_link_holder_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["organisation.id"], name=op.f("fk_organisation_link_subject_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_link")),
        sa.UniqueConstraint(
            "holder_id", "subject_id", "kind", name=op.f("uq_organisation_link_holder_id_subject_id_kind")
        ),
    )
    with op.batch_alter_table("organisation_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_link_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "park",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("address_zh", sa.String(length=200), nullable=False),
        sa.Column("address_en", sa.String(length=200), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["organisation.id"], name=op.f("fk_park_operator_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park")),
        sa.UniqueConstraint("code", name=op.f("uq_park_code")),
    )
    with op.batch_alter_table("park", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_park_operator_id"), ["operator_id"], unique=False)

    op.create_table(
        "access_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("machine_client_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("expires_at", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["machine_client_id"], ["machine_client.id"], name=op.f("fk_access_token_machine_client_id_machine_client")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_token_token_hash")),
    )
    with op.batch_alter_table("access_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_token_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_access_token_machine_client_id"), ["machine_client_id"], unique=False)

    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("duty", sa.String(length=30), nullable=False),
        sa.Column("name_sealed", sa.Text(), nullable=False),
        sa.Column("phone_sealed", sa.Text(), nullable=False),
        sa.Column("recorded_at", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_contact_enterprise_id_enterprise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_enterprise_id"), ["enterprise_id"], unique=False)

    op.create_table(
        "credit_bill_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("rows_new", sa.BigInteger(), nullable=False),
        sa.Column("rows_repeated", sa.BigInteger(), nullable=False),
        sa.Column("rows_known", sa.BigInteger(), nullable=False),
        sa.Column("first_month", sa.Date(), nullable=True),
        sa.Column("last_month", sa.Date(), nullable=True),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("report", JSON_DOCUMENT, nullable=True),
        sa.Column("charges_file_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("loaded_at", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("ended_at", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["charges_file_id"], ["file.id"], name=op.f("fk_credit_bill_import_charges_file_id_file")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organisation.id"], name=op.f("fk_credit_bill_import_enterprise_id_organisation")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_credit_bill_import_file_id_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_bill_import")),
    )
    with op.batch_alter_table("credit_bill_import", schema=None) as batch_op:
        batch_op.create_index("ix_credit_bill_import_enterprise_created", ["enterprise_id", "created_at"], unique=False)
        batch_op.create_index(
            "uq_credit_bill_import_live_file",
            ["enterprise_id", "file_sha256"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'loaded')"),
            postgresql_where=sa.text("state IN ('waiting', 'loaded')"),
        )

    op.create_table(
        "credit_score_query",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("asked_for", sa.String(length=60), nullable=False),
        sa.Column("asked_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("asked_by_kind", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("consent_until", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("score_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organisation.id"], name=op.f("fk_credit_score_query_enterprise_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["lender_id"], ["organisation.id"], name=op.f("fk_credit_score_query_lender_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["score_id"], ["credit_score.id"], name=op.f("fk_credit_score_query_score_id_credit_score")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_score_query")),
    )
    with op.batch_alter_table("credit_score_query", schema=None) as batch_op:
        batch_op.create_index("ix_credit_score_query_enterprise_asked", ["enterprise_id", "asked_at"], unique=False)
        batch_op.create_index("ix_credit_score_query_lender_asked", ["lender_id", "asked_at"], unique=False)

    op.create_table(
        "data_offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("allowed_uses", sa.Integer(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("terms_zh", sa.Text(), nullable=False),
        sa.Column("terms_en", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_data_offer_owner_id_organisation")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["data_product.id"], name=op.f("fk_data_offer_product_id_data_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_offer")),
    )
    with op.batch_alter_table("data_offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_offer_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_data_offer_product_id"), ["product_id"], unique=False)

    op.create_table(
        "data_product_subject",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["data_product.id"], name=op.f("fk_data_product_subject_product_id_data_product")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["organisation.id"], name=op.f("fk_data_product_subject_subject_id_organisation")
        ),
        sa.PrimaryKeyConstraint("product_id", "subject_id", name=op.f("pk_data_product_subject")),
    )
    with op.batch_alter_table("data_product_subject", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_product_subject_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "data_use_run_subject",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["data_use_run.id"], name=op.f("fk_data_use_run_subject_run_id_data_use_run")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["organisation.id"], name=op.f("fk_data_use_run_subject_subject_id_organisation")
        ),
        sa.PrimaryKeyConstraint("run_id", "subject_id", name=op.f("pk_data_use_run_subject")),
    )
    with op.batch_alter_table("data_use_run_subject", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_use_run_subject_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "fact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", JSON_DOCUMENT, nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("authority", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("seen_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("recorded_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", DateTimeUTC(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_fact_enterprise_id_enterprise")),
        sa.ForeignKeyConstraint(["superseded_by"], ["fact.id"], name=op.f("fk_fact_superseded_by_fact")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
    )
    with op.batch_alter_table("fact", schema=None) as batch_op:
        batch_op.create_index("ix_fact_enterprise_name", ["enterprise_id", "name"], unique=False)
        batch_op.create_index("ix_fact_name_superseded_at", ["name", "superseded_at"], unique=False)

    op.create_table(
        "ledger_posting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("fen <> 0", name=op.f("ck_ledger_posting_fen")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_account.id"], name=op.f("fk_ledger_posting_account_id_ledger_account")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entry.id"], name=op.f("fk_ledger_posting_entry_id_ledger_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_posting")),
    )
    with op.batch_alter_table("ledger_posting", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_posting_account", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_posting_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "licence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("issuer_zh", sa.String(length=200), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("authority", sa.String(length=20), nullable=False),
        sa.Column("recorded_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("retired_at", DateTimeUTC(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_licence_enterprise_id_enterprise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence")),
    )
    with op.batch_alter_table("licence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_licence_enterprise_id"), ["enterprise_id"], unique=False)

    op.create_table(
        "park_building",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("park_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("floors", sa.Integer(), nullable=False),
        sa.Column("shape", JSON_DOCUMENT, nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_park_building_park_id_park")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_building")),
        sa.UniqueConstraint("park_id", "code", name=op.f("uq_park_building_park_id_code")),
    )
    op.create_table(
        "park_import",
        sa.Column("key", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("park_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("hourly", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rows_good", sa.Integer(), nullable=False),
        sa.Column("rows_bad", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("meter_count", sa.Integer(), nullable=False),
        sa.Column("total_wh", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("faults", JSON_DOCUMENT, nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("live_at", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("undone_at", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_park_import_park_id_park")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_park_import")),
        sa.UniqueConstraint("id", name=op.f("uq_park_import_id")),
    )
    with op.batch_alter_table("park_import", schema=None) as batch_op:
        batch_op.create_index("ix_park_import_park", ["park_id", "created_at"], unique=False)
        batch_op.create_index(
            "uq_park_import_content",
            ["park_id", "sha256"],
            unique=True,
            sqlite_where=sa.text("state IN ('staging', 'live')"),
            postgresql_where=sa.text("state IN ('staging', 'live')"),
        )

    op.create_table(
        "park_lease",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("park_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False),
        sa.Column("agreed_end_on", sa.Date(), nullable=False),
        sa.Column("rent_fen_per_m2_month", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("end_reason", sa.String(length=200), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("closed_at", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('signed', 'closed', 'cancelled')", name=op.f("ck_park_lease_state_known")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organisation.id"], name=op.f("fk_park_lease_enterprise_id_organisation")
        ),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_park_lease_park_id_park")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_lease")),
        sa.UniqueConstraint("park_id", "number", name=op.f("uq_park_lease_park_id_number")),
    )
    with op.batch_alter_table("park_lease", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_park_lease_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index("ix_park_lease_state_end", ["state", "end_on"], unique=False)

    op.create_table(
        "park_signal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("park_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("actual_wh", sa.BigInteger(), nullable=False),
        sa.Column("expected_wh", sa.BigInteger(), nullable=False),
        sa.Column("slack", sa.Double(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("reviewed_by", sa.String(length=120), nullable=False),
        sa.Column("reviewed_at", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organisation.id"], name=op.f("fk_park_signal_enterprise_id_organisation")
        ),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_park_signal_park_id_park")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_signal")),
        sa.UniqueConstraint(
            "park_id", "enterprise_id", "raised_on", name=op.f("uq_park_signal_park_id_enterprise_id_raised_on")
        ),
    )
    with op.batch_alter_table("park_signal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_park_signal_enterprise_id"), ["enterprise_id"], unique=False)

    op.create_table(
        "park_tenant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("park_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("industry_code", sa.String(length=8), nullable=False),
        sa.Column("unit_codes", sa.String(length=400), nullable=False),
        sa.Column("area_dm2", sa.BigInteger(), nullable=False),
        sa.Column("rent_fen_month", sa.BigInteger(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("wh_30", sa.BigInteger(), nullable=True),
        sa.Column("expected_wh_30", sa.BigInteger(), nullable=True),
        sa.Column("change_30", sa.Double(), nullable=True),
        sa.Column("path_value", sa.Double(), nullable=True),
        sa.Column("measured_to", sa.Date(), nullable=True),
        sa.Column("signal_on", sa.Date(), nullable=True),
        sa.Column("updated_at", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organisation.id"], name=op.f("fk_park_tenant_enterprise_id_organisation")
        ),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_park_tenant_park_id_park")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_tenant")),
        sa.UniqueConstraint("park_id", "enterprise_id", name=op.f("uq_park_tenant_park_id_enterprise_id")),
    )
    with op.batch_alter_table("park_tenant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_park_tenant_ends_on"), ["ends_on"], unique=False)
        batch_op.create_index("ix_park_tenant_enterprise", ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_park_tenant_industry_code"), ["industry_code"], unique=False)

    op.create_table(
        "policy_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=True),
        sa.Column("current_version_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_reason", sa.String(length=300), nullable=False),
        sa.Column("free_account_id", sa.Uuid(), nullable=True),
        sa.Column("committed_account_id", sa.Uuid(), nullable=True),
        sa.Column("paid_account_id", sa.Uuid(), nullable=True),
        sa.Column("granted_fen", sa.BigInteger(), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["committed_account_id"],
            ["ledger_account.id"],
            name=op.f("fk_policy_item_committed_account_id_ledger_account"),
        ),
        sa.ForeignKeyConstraint(
            ["free_account_id"], ["ledger_account.id"], name=op.f("fk_policy_item_free_account_id_ledger_account")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["organisation.id"], name=op.f("fk_policy_item_office_id_organisation")),
        sa.ForeignKeyConstraint(
            ["paid_account_id"], ["ledger_account.id"], name=op.f("fk_policy_item_paid_account_id_ledger_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_item")),
        sa.UniqueConstraint("code", name=op.f("uq_policy_item_code")),
    )
    with op.batch_alter_table("policy_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_item_office_id"), ["office_id"], unique=False)

    op.create_table(
        "timeline_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("room", sa.String(length=30), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_timeline_entry_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_entry")),
        sa.UniqueConstraint("enterprise_id", "event_id", name=op.f("uq_timeline_entry_enterprise_id_event_id")),
    )
    with op.batch_alter_table("timeline_entry", schema=None) as batch_op:
        batch_op.create_index("ix_timeline_entry_enterprise_at", ["enterprise_id", "at"], unique=False)

    op.create_table(
        "credit_bill_month",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("provider", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("billed", ExactDecimal(), nullable=False),
        sa.Column("effective", ExactDecimal(), nullable=False),
        sa.Column("credit", ExactDecimal(), nullable=False),
        sa.Column("correction", ExactDecimal(), nullable=False),
        sa.Column("purchase", ExactDecimal(), nullable=False),
        sa.Column("tax", ExactDecimal(), nullable=False),
        sa.Column("committed", ExactDecimal(), nullable=False),
        sa.Column("production", ExactDecimal(), nullable=False),
        sa.Column("other_environment", ExactDecimal(), nullable=False),
        sa.Column("egress", ExactDecimal(), nullable=True),
        sa.Column("requests", ExactDecimal(), nullable=True),
        sa.Column("categories", JSON_DOCUMENT, nullable=False),
        sa.Column("services", JSON_DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organisation.id"], name=op.f("fk_credit_bill_month_enterprise_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["credit_bill_import.id"], name=op.f("fk_credit_bill_month_import_id_credit_bill_import")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_bill_month")),
        sa.UniqueConstraint(
            "import_id",
            "month",
            "provider",
            "currency",
            name=op.f("uq_credit_bill_month_import_id_month_provider_currency"),
        ),
    )
    with op.batch_alter_table("credit_bill_month", schema=None) as batch_op:
        batch_op.create_index("ix_credit_bill_month_enterprise_month", ["enterprise_id", "month"], unique=False)

    op.create_table(
        "data_agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("terms_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("allowed_uses", sa.Integer(), nullable=False),
        sa.Column("uses_taken", sa.Integer(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner_epoch", sa.Integer(), nullable=False),
        sa.Column("buyer_epoch", sa.Integer(), nullable=False),
        sa.Column("requested_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("active_at", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("expires_at", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("ended_at", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("owner_id <> buyer_id", name=op.f("ck_data_agreement_parties")),
        sa.CheckConstraint("uses_taken >= 0 AND uses_taken <= allowed_uses", name=op.f("ck_data_agreement_uses")),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["organisation.id"], name=op.f("fk_data_agreement_buyer_id_organisation")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["data_offer.id"], name=op.f("fk_data_agreement_offer_id_data_offer")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["organisation.id"], name=op.f("fk_data_agreement_owner_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["data_product.id"], name=op.f("fk_data_agreement_product_id_data_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_agreement")),
    )
    with op.batch_alter_table("data_agreement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_agreement_buyer_id"), ["buyer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_data_agreement_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_data_agreement_product_id"), ["product_id"], unique=False)
        batch_op.create_index("ix_data_agreement_state_expires_at", ["state", "expires_at"], unique=False)

    op.create_table(
        "park_unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("park_id", sa.Uuid(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("area_dm2", sa.BigInteger(), nullable=False),
        sa.Column("use", sa.String(length=20), nullable=False),
        sa.Column("lease_count", sa.Integer(), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("area_dm2 > 0", name=op.f("ck_park_unit_area_positive")),
        sa.ForeignKeyConstraint(
            ["building_id"], ["park_building.id"], name=op.f("fk_park_unit_building_id_park_building")
        ),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_park_unit_park_id_park")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_unit")),
        sa.UniqueConstraint("park_id", "code", name=op.f("uq_park_unit_park_id_code")),
    )
    with op.batch_alter_table("park_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_park_unit_building_id"), ["building_id"], unique=False)

    op.create_table(
        "policy_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rule_hash", sa.String(length=64), nullable=False),
        sa.Column("definition", JSON_DOCUMENT, nullable=False),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("route", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["policy_item.id"], name=op.f("fk_policy_version_item_id_policy_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_policy_version_item_id_number")),
    )
    with op.batch_alter_table("policy_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_version_item_id"), ["item_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_policy_version_rule_hash"), ["rule_hash"], unique=False)

    op.create_table(
        "data_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=4), nullable=False),
        sa.Column("at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("delivered_by", sa.Uuid(), nullable=True),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("subject_ids", JSON_DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["data_agreement.id"], name=op.f("fk_data_delivery_agreement_id_data_agreement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_delivery")),
        sa.UniqueConstraint("agreement_id", "number", name=op.f("uq_data_delivery_agreement_id_number")),
    )
    op.create_table(
        "data_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.String(length=10), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("signed_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("terms_hash", sa.String(length=64), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=120), nullable=False),
        sa.Column("key_id", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["data_agreement.id"], name=op.f("fk_data_signature_agreement_id_data_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_data_signature_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_signature")),
        sa.UniqueConstraint("agreement_id", "party", name=op.f("uq_data_signature_agreement_id_party")),
    )
    op.create_table(
        "park_lease_unit",
        sa.Column("lease_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("area_dm2", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lease_id"], ["park_lease.id"], name=op.f("fk_park_lease_unit_lease_id_park_lease")),
        sa.ForeignKeyConstraint(["unit_id"], ["park_unit.id"], name=op.f("fk_park_lease_unit_unit_id_park_unit")),
        sa.PrimaryKeyConstraint("lease_id", "unit_id", name=op.f("pk_park_lease_unit")),
    )
    with op.batch_alter_table("park_lease_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_park_lease_unit_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "park_meter",
        sa.Column("key", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("park_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_park_meter_park_id_park")),
        sa.ForeignKeyConstraint(["unit_id"], ["park_unit.id"], name=op.f("fk_park_meter_unit_id_park_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_park_meter")),
        sa.UniqueConstraint("park_id", "code", name=op.f("uq_park_meter_park_id_code")),
    )
    with op.batch_alter_table("park_meter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_park_meter_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "policy_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("rule_hash", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("because", JSON_DOCUMENT, nullable=False),
        sa.Column("outcomes", JSON_DOCUMENT, nullable=False),
        sa.Column("facts", JSON_DOCUMENT, nullable=False),
        sa.Column("facts_hash", sa.String(length=64), nullable=False),
        sa.Column("decided_at", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_policy_decision_enterprise_id_enterprise")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["policy_version.id"], name=op.f("fk_policy_decision_version_id_policy_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_decision")),
    )
    with op.batch_alter_table("policy_decision", schema=None) as batch_op:
        batch_op.create_index("ix_policy_decision_enterprise_version", ["enterprise_id", "version_id"], unique=False)

    op.create_table(
        "policy_external_result",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("result_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("recorded_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_policy_external_result_enterprise_id_enterprise")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["policy_item.id"], name=op.f("fk_policy_external_result_item_id_policy_item")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["policy_version.id"], name=op.f("fk_policy_external_result_version_id_policy_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_external_result")),
    )
    with op.batch_alter_table("policy_external_result", schema=None) as batch_op:
        batch_op.create_index("ix_policy_external_result_enterprise_item", ["enterprise_id", "item_id"], unique=False)

    op.create_table(
        "data_delivery_content",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("keep_until", DateTimeUTC(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["data_delivery.id"], name=op.f("fk_data_delivery_content_delivery_id_data_delivery")
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_data_delivery_content")),
    )
    op.create_table(
        "data_delivery_fetch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("begun_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("finished_at", DateTimeUTC(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["data_delivery.id"], name=op.f("fk_data_delivery_fetch_delivery_id_data_delivery")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_delivery_fetch")),
        sa.UniqueConstraint("delivery_id", "attempt", name=op.f("uq_data_delivery_fetch_delivery_id_attempt")),
    )
    op.create_table(
        "park_reading_day",
        sa.Column("import_key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("meter_key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wh", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_key"], ["park_import.key"], name=op.f("fk_park_reading_day_import_key_park_import")
        ),
        sa.ForeignKeyConstraint(
            ["meter_key"], ["park_meter.key"], name=op.f("fk_park_reading_day_meter_key_park_meter")
        ),
        sa.PrimaryKeyConstraint("import_key", "meter_key", "day", name=op.f("pk_park_reading_day")),
    )
    with op.batch_alter_table("park_reading_day", schema=None) as batch_op:
        batch_op.create_index("ix_park_reading_day_meter", ["meter_key", "day"], unique=False)

    op.create_table(
        "park_reading_hour",
        sa.Column("import_key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("meter_key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wh", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_key"], ["park_import.key"], name=op.f("fk_park_reading_hour_import_key_park_import")
        ),
        sa.ForeignKeyConstraint(
            ["meter_key"], ["park_meter.key"], name=op.f("fk_park_reading_hour_meter_key_park_meter")
        ),
        sa.PrimaryKeyConstraint("import_key", "meter_key", "hour", name=op.f("pk_park_reading_hour")),
    )
    with op.batch_alter_table("park_reading_hour", schema=None) as batch_op:
        batch_op.create_index("ix_park_reading_hour_meter", ["meter_key", "hour"], unique=False)

    op.create_table(
        "policy_application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("route", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_since", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("requested_fen", sa.BigInteger(), nullable=True),
        sa.Column("approved_fen", sa.BigInteger(), nullable=True),
        sa.Column("commit_entry_id", sa.Uuid(), nullable=True),
        sa.Column("payee_name", sa.String(length=200), nullable=False),
        sa.Column("payee_bank", sa.String(length=200), nullable=False),
        sa.Column("payee_account", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("promise_zh", sa.Text(), nullable=False),
        sa.Column("promise_en", sa.Text(), nullable=False),
        sa.Column("promised_by", sa.Uuid(), nullable=True),
        sa.Column("promised_at", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("gaps", JSON_DOCUMENT, nullable=True),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "approved_fen IS NULL OR approved_fen > 0", name=op.f("ck_policy_application_approved_positive")
        ),
        sa.ForeignKeyConstraint(
            ["commit_entry_id"], ["ledger_entry.id"], name=op.f("fk_policy_application_commit_entry_id_ledger_entry")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["policy_decision.id"], name=op.f("fk_policy_application_decision_id_policy_decision")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_policy_application_enterprise_id_enterprise")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["policy_item.id"], name=op.f("fk_policy_application_item_id_policy_item")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["organisation.id"], name=op.f("fk_policy_application_office_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["policy_version.id"], name=op.f("fk_policy_application_version_id_policy_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_application")),
        sa.UniqueConstraint("number", name=op.f("uq_policy_application_number")),
    )
    with op.batch_alter_table("policy_application", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_application_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_policy_application_item_id"), ["item_id"], unique=False)
        batch_op.create_index("ix_policy_application_office_state", ["office_id", "state"], unique=False)
        batch_op.create_index(
            "uq_policy_application_live",
            ["enterprise_id", "item_id", "year"],
            unique=True,
            sqlite_where=sa.text("state NOT IN ('rejected', 'withdrawn')"),
            postgresql_where=sa.text("state NOT IN ('rejected', 'withdrawn')"),
        )

    op.create_table(
        "policy_application_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("holder", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["policy_application.id"],
            name=op.f("fk_policy_application_step_application_id_policy_application"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_application_step")),
    )
    with op.batch_alter_table("policy_application_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_application_step_application_id"), ["application_id"], unique=False)

    op.create_table(
        "policy_payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("payee_name", sa.String(length=200), nullable=False),
        sa.Column("payee_bank", sa.String(length=200), nullable=False),
        sa.Column("payee_account", sa.String(length=40), nullable=False),
        sa.Column("handed_over_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("receipt_number", sa.String(length=80), nullable=True),
        sa.Column("receipt_from", sa.String(length=20), nullable=False),
        sa.Column("receipt_on", sa.Date(), nullable=True),
        sa.Column("receipt_recorded_at", DateTimeUTC(timezone=True), nullable=True),
        sa.Column("ledger_entry_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["policy_application.id"],
            name=op.f("fk_policy_payment_application_id_policy_application"),
        ),
        sa.ForeignKeyConstraint(
            ["ledger_entry_id"], ["ledger_entry.id"], name=op.f("fk_policy_payment_ledger_entry_id_ledger_entry")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["organisation.id"], name=op.f("fk_policy_payment_office_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_payment")),
        sa.UniqueConstraint("application_id", name=op.f("uq_policy_payment_application_id")),
        sa.UniqueConstraint("receipt_number", name=op.f("uq_policy_payment_receipt_number")),
        sa.UniqueConstraint("reference", name=op.f("uq_policy_payment_reference")),
    )
    with op.batch_alter_table("policy_payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_payment_office_id"), ["office_id"], unique=False)
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    with op.batch_alter_table("policy_payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_payment_office_id"))

    op.drop_table("policy_payment")
    with op.batch_alter_table("policy_application_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_application_step_application_id"))

    op.drop_table("policy_application_step")
    with op.batch_alter_table("policy_application", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_policy_application_live",
            sqlite_where=sa.text("state NOT IN ('rejected', 'withdrawn')"),
            postgresql_where=sa.text("state NOT IN ('rejected', 'withdrawn')"),
        )
        batch_op.drop_index("ix_policy_application_office_state")
        batch_op.drop_index(batch_op.f("ix_policy_application_item_id"))
        batch_op.drop_index(batch_op.f("ix_policy_application_enterprise_id"))

    op.drop_table("policy_application")
    with op.batch_alter_table("park_reading_hour", schema=None) as batch_op:
        batch_op.drop_index("ix_park_reading_hour_meter")

    op.drop_table("park_reading_hour")
    with op.batch_alter_table("park_reading_day", schema=None) as batch_op:
        batch_op.drop_index("ix_park_reading_day_meter")

    op.drop_table("park_reading_day")
    op.drop_table("data_delivery_fetch")
    op.drop_table("data_delivery_content")
    with op.batch_alter_table("policy_external_result", schema=None) as batch_op:
        batch_op.drop_index("ix_policy_external_result_enterprise_item")

    op.drop_table("policy_external_result")
    with op.batch_alter_table("policy_decision", schema=None) as batch_op:
        batch_op.drop_index("ix_policy_decision_enterprise_version")

    op.drop_table("policy_decision")
    with op.batch_alter_table("park_meter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_park_meter_unit_id"))

    op.drop_table("park_meter")
    with op.batch_alter_table("park_lease_unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_park_lease_unit_unit_id"))

    op.drop_table("park_lease_unit")
    op.drop_table("data_signature")
    op.drop_table("data_delivery")
    with op.batch_alter_table("policy_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_version_rule_hash"))
        batch_op.drop_index(batch_op.f("ix_policy_version_item_id"))

    op.drop_table("policy_version")
    with op.batch_alter_table("park_unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_park_unit_building_id"))

    op.drop_table("park_unit")
    with op.batch_alter_table("data_agreement", schema=None) as batch_op:
        batch_op.drop_index("ix_data_agreement_state_expires_at")
        batch_op.drop_index(batch_op.f("ix_data_agreement_product_id"))
        batch_op.drop_index(batch_op.f("ix_data_agreement_owner_id"))
        batch_op.drop_index(batch_op.f("ix_data_agreement_buyer_id"))

    op.drop_table("data_agreement")
    with op.batch_alter_table("credit_bill_month", schema=None) as batch_op:
        batch_op.drop_index("ix_credit_bill_month_enterprise_month")

    op.drop_table("credit_bill_month")
    with op.batch_alter_table("timeline_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_timeline_entry_enterprise_at")

    op.drop_table("timeline_entry")
    with op.batch_alter_table("policy_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_item_office_id"))

    op.drop_table("policy_item")
    with op.batch_alter_table("park_tenant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_park_tenant_industry_code"))
        batch_op.drop_index("ix_park_tenant_enterprise")
        batch_op.drop_index(batch_op.f("ix_park_tenant_ends_on"))

    op.drop_table("park_tenant")
    with op.batch_alter_table("park_signal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_park_signal_enterprise_id"))

    op.drop_table("park_signal")
    with op.batch_alter_table("park_lease", schema=None) as batch_op:
        batch_op.drop_index("ix_park_lease_state_end")
        batch_op.drop_index(batch_op.f("ix_park_lease_enterprise_id"))

    op.drop_table("park_lease")
    with op.batch_alter_table("park_import", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_park_import_content",
            sqlite_where=sa.text("state IN ('staging', 'live')"),
            postgresql_where=sa.text("state IN ('staging', 'live')"),
        )
        batch_op.drop_index("ix_park_import_park")

    op.drop_table("park_import")
    op.drop_table("park_building")
    with op.batch_alter_table("licence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_licence_enterprise_id"))

    op.drop_table("licence")
    with op.batch_alter_table("ledger_posting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_posting_entry_id"))
        batch_op.drop_index("ix_ledger_posting_account")

    op.drop_table("ledger_posting")
    with op.batch_alter_table("fact", schema=None) as batch_op:
        batch_op.drop_index("ix_fact_name_superseded_at")
        batch_op.drop_index("ix_fact_enterprise_name")

    op.drop_table("fact")
    with op.batch_alter_table("data_use_run_subject", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_data_use_run_subject_subject_id"))

    op.drop_table("data_use_run_subject")
    with op.batch_alter_table("data_product_subject", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_data_product_subject_subject_id"))

    op.drop_table("data_product_subject")
    with op.batch_alter_table("data_offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_data_offer_product_id"))
        batch_op.drop_index(batch_op.f("ix_data_offer_owner_id"))

    op.drop_table("data_offer")
    with op.batch_alter_table("credit_score_query", schema=None) as batch_op:
        batch_op.drop_index("ix_credit_score_query_lender_asked")
        batch_op.drop_index("ix_credit_score_query_enterprise_asked")

    op.drop_table("credit_score_query")
    with op.batch_alter_table("credit_bill_import", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_credit_bill_import_live_file",
            sqlite_where=sa.text("state IN ('waiting', 'loaded')"),
            postgresql_where=sa.text("state IN ('waiting', 'loaded')"),
        )
        batch_op.drop_index("ix_credit_bill_import_enterprise_created")

    op.drop_table("credit_bill_import")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_enterprise_id"))

    op.drop_table("contact")
    with op.batch_alter_table("access_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_token_machine_client_id"))
        batch_op.drop_index(batch_op.f("ix_access_token_expires_at"))

    op.drop_table("access_token")
    with op.batch_alter_table("park", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_park_operator_id"))

    op.drop_table("park")
    with op.batch_alter_table("organisation_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_link_subject_id"))

    op.drop_table("organisation_link")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index("ix_membership_person")
        batch_op.drop_index(batch_op.f("ix_membership_organisation_id"))

    op.drop_table("membership")
    with op.batch_alter_table("machine_client", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_machine_client_organisation_id"))

    op.drop_table("machine_client")
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_session_person_id"))

    op.drop_table("login_session")
    with op.batch_alter_table("ledger_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_account_owner_id"))

    op.drop_table("ledger_account")
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.drop_index("ix_file_state_created_at")
        batch_op.drop_index(batch_op.f("ix_file_owner_id"))

    op.drop_table("file")
    with op.batch_alter_table("event_delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_event_delivery_state")
        batch_op.drop_index(
            "ix_event_delivery_pending",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )

    op.drop_table("event_delivery")
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enterprise_name_zh"))
        batch_op.drop_index(batch_op.f("ix_enterprise_industry_code"))
        batch_op.drop_index(batch_op.f("ix_enterprise_division_code"))

    op.drop_table("enterprise")
    op.drop_table("data_use_run")
    with op.batch_alter_table("data_use", schema=None) as batch_op:
        batch_op.drop_index("ix_data_use_subject_at")
        batch_op.drop_index("ix_data_use_recipient_at")

    op.drop_table("data_use")
    with op.batch_alter_table("data_product", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_data_product_owner_id"))

    op.drop_table("data_product")
    with op.batch_alter_table("credit_score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_score_model_sha256"))

    op.drop_table("credit_score")
    op.drop_table("credit_profile")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_subject_id"))
        batch_op.drop_index("ix_consent_recipient_subject")

    op.drop_table("consent")
    op.drop_table("audit_pending")
    op.drop_table("audit_leaf")
    op.drop_table("schedule_state")
    with op.batch_alter_table("policy_ranking_model", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_ranking_model_fitted_at"))

    op.drop_table("policy_ranking_model")
    op.drop_table("person")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_kind"))

    op.drop_table("organisation")
    op.drop_table("ledger_entry")
    op.drop_table("lease")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_organisation_created_at")
        batch_op.drop_index(
            "ix_job_open",
            sqlite_where=sa.text("state IN ('queued', 'failed', 'running')"),
            postgresql_where=sa.text("state IN ('queued', 'failed', 'running')"),
        )
        batch_op.drop_index(batch_op.f("ix_job_kind"))

    op.drop_table("job")
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_key_created_at"))

    op.drop_table("idempotency_key")
    op.drop_table("health_probe")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_event_waiting", sqlite_where=sa.text("NOT is_fanned_out"), postgresql_where=sa.text("NOT is_fanned_out")
        )
        batch_op.drop_index("ix_event_subject")
        batch_op.drop_index(batch_op.f("ix_event_name"))

    op.drop_table("event")
    op.drop_table("credit_model")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_subject_at")
        batch_op.drop_index("ix_audit_entry_organisation_at")
        batch_op.drop_index("ix_audit_entry_object")
        batch_op.drop_index(batch_op.f("ix_audit_entry_at"))
        batch_op.drop_index("ix_audit_entry_actor_at")
        batch_op.drop_index(batch_op.f("ix_audit_entry_action"))

    op.drop_table("audit_entry")
    op.drop_table("audit_checkpoint")
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.get_bind().exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}()")
