"""One published policy is in force at a time, and a published one never changes but that it ends sooner."""

import django.contrib.postgres.constraints
import django.db.models.functions.comparison
from django.db import migrations, models

CREATE = """
CREATE FUNCTION core_published_policy_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state IN ('draft', 'in-review') THEN
    IF TG_OP = 'DELETE' THEN
      RETURN OLD;
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF to_jsonb(NEW) - ARRAY['effective', 'state'] = to_jsonb(OLD) - ARRAY['effective', 'state']
      AND NEW.effective <@ OLD.effective AND lower(NEW.effective) IS NOT DISTINCT FROM lower(OLD.effective)
      AND NEW.state IN (OLD.state, 'retired') THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'published_policy_stays' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER published_policy_stays BEFORE UPDATE OR DELETE ON core_policy
  FOR EACH ROW EXECUTE FUNCTION core_published_policy_stays();
"""
DROP = """
DROP TRIGGER published_policy_stays ON core_policy;
DROP FUNCTION core_published_policy_stays();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0012_policy_contents'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.UniqueConstraint(fields=('key', 'version'), name='policy_version_is_named_once'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('effective__isempty', False)), name='policy_holds_for_a_time'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state', 'published')), expressions=[(models.Func(models.Func(models.F('key'), models.Value(0), function='hashtextextended', output_field=models.BigIntegerField()), models.Func(models.F('key'), models.Value(0), function='hashtextextended', output_field=models.BigIntegerField()), models.Value('[]'), function='int8range'), '&&'), (models.Func(django.db.models.functions.comparison.Coalesce(models.F('site_id'), models.Value(0), output_field=models.BigIntegerField()), django.db.models.functions.comparison.Coalesce(models.F('site_id'), models.Value(0), output_field=models.BigIntegerField()), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.Func(models.F('audience'), models.Value(0), function='hashtextextended', output_field=models.BigIntegerField()), models.Func(models.F('audience'), models.Value(0), function='hashtextextended', output_field=models.BigIntegerField()), models.Value('[]'), function='int8range'), '&&'), ('effective', '&&')], name='policy_is_in_force_alone'),
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
