import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.search
from django.db import migrations, models

# What a register of a million models is filtered, sorted, searched and added up by stands on the row
# itself. The database derives it, so it is right under every operation, also those of layers below
# that know no models. `words` holds every word twice: bare, and as it is written behind "=".
FORWARDS = r"""
CREATE FUNCTION initiatives_words(said text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    apart text := normalize(lower(normalize(said, NFC)), NFD);
    exact text[];
    bare text[];
    gap text := '[\s!-/:-@\[-`{-~“”‘’–—…·«»]+';
BEGIN
    apart := regexp_replace(apart, '(?<!q)([ou])([aey])([\u0300\u0309\u0303\u0301\u0323])(?![a-z])', '\1\3\2', 'g');
    exact := regexp_split_to_array(normalize(apart, NFC), gap);
    bare := regexp_split_to_array(regexp_replace(replace(apart, 'đ', 'd'), '[\u0300-\u036f]', '', 'g'), gap);
    RETURN (SELECT array_to_tsvector(array_agg(DISTINCT word)) FROM (
        SELECT left(one, 60) AS word FROM unnest(bare) one WHERE one <> ''
        UNION ALL SELECT '=' || left(one, 60) FROM unnest(exact) one WHERE one <> '') AS both_ways);
END $$;

CREATE FUNCTION initiatives_facets(answers jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(facet ORDER BY facet), '{}') FROM (
        SELECT key || '=' || (value #>> '{}') AS facet FROM jsonb_each(answers)
         WHERE jsonb_typeof(value) = 'boolean'
            OR jsonb_typeof(value) = 'string' AND (value #>> '{}') ~ '^[a-z][a-z0-9_]{0,59}$'
    ) AS said
$$;

CREATE FUNCTION initiatives_measures(answers jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_object_agg(key, (value #>> '{}')::numeric), '{}') FROM jsonb_each(answers)
     WHERE jsonb_typeof(value) = 'number'
        OR jsonb_typeof(value) = 'string' AND (value #>> '{}') ~ '^-?[0-9]{1,15}([.][0-9]{1,4})?$'
$$;

CREATE FUNCTION initiatives_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT s.state, s.counts_on, r.span,
           initiatives_facets(s.answers), initiatives_measures(s.answers)
      INTO NEW.state, NEW.counts_on, NEW.span, NEW.facets, NEW.measures
      FROM submissions_submission s
      JOIN submissions_round r ON r.id = s.round_id
     WHERE s.id = NEW.submission_id;
    IF TG_OP = 'INSERT' OR (NEW.title, NEW.code, NEW.registrant_id) IS DISTINCT FROM (OLD.title, OLD.code, OLD.registrant_id) THEN
        NEW.words := initiatives_words(concat_ws(' ', NEW.title, NEW.code,
            (SELECT name FROM initiatives_registrant WHERE id = NEW.registrant_id)));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER row_told BEFORE INSERT OR UPDATE ON initiatives_initiative
    FOR EACH ROW EXECUTE FUNCTION initiatives_row();

CREATE FUNCTION initiatives_row_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE initiatives_initiative SET state = NEW.state WHERE submission_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER row_told AFTER UPDATE ON submissions_submission FOR EACH ROW
    WHEN ((OLD.state, OLD.counts_on, OLD.round_id) IS DISTINCT FROM (NEW.state, NEW.counts_on, NEW.round_id)
          OR OLD.answers IS DISTINCT FROM NEW.answers)
    EXECUTE FUNCTION initiatives_row_again();

UPDATE initiatives_initiative SET state = state, words = initiatives_words(concat_ws(' ', title, code,
    (SELECT name FROM initiatives_registrant g WHERE g.id = registrant_id)));
"""
BACKWARDS = """
DROP TRIGGER row_told ON submissions_submission; DROP TRIGGER row_told ON initiatives_initiative;
DROP FUNCTION initiatives_row_again(); DROP FUNCTION initiatives_row();
DROP FUNCTION initiatives_measures(jsonb); DROP FUNCTION initiatives_facets(jsonb);
DROP FUNCTION initiatives_words(text);
"""


class Migration(migrations.Migration):
    """The register's rows carry what lists ask of them."""

    dependencies = [
        ("initiatives", "0004_lineage_and_years"),
        ("submissions", "0005_answers_in_order"),
    ]

    operations = [
        migrations.AddField(
            "initiative", "state", models.CharField(default="", editable=False, max_length=40)
        ),
        migrations.AddField("initiative", "counts_on", models.DateField(editable=False, null=True)),
        migrations.AddField(
            "initiative",
            "span",
            django.contrib.postgres.fields.ranges.DateRangeField(editable=False, null=True),
        ),
        migrations.AddField(
            "initiative",
            "facets",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), default=list, editable=False, size=None
            ),
        ),
        migrations.AddField(
            "initiative", "measures", models.JSONField(default=dict, editable=False)
        ),
        migrations.AddField(
            "initiative",
            "words",
            django.contrib.postgres.search.SearchVectorField(editable=False, null=True),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
