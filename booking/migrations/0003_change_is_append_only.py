"""Nobody alters or deletes a row of the ledger; only `relayed_at` may be set."""

from django.db import migrations

CREATE = """
CREATE FUNCTION booking_change_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF to_jsonb(NEW) - 'relayed_at' = to_jsonb(OLD) - 'relayed_at' THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'change_is_append_only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER change_is_append_only BEFORE UPDATE OR DELETE ON booking_change
  FOR EACH ROW EXECUTE FUNCTION booking_change_is_append_only();
CREATE TRIGGER change_is_never_truncated BEFORE TRUNCATE ON booking_change
  FOR EACH STATEMENT EXECUTE FUNCTION booking_change_is_append_only();
"""
DROP = """
DROP TRIGGER change_is_never_truncated ON booking_change;
DROP TRIGGER change_is_append_only ON booking_change;
DROP FUNCTION booking_change_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("booking", "0002_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
